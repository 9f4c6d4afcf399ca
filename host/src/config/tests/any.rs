//! No text whatever makes the reader panic, and none makes it repeat a secret.

use proptest::prelude::*;

use super::read;

const MARK: &str = "qV7xSeCrEt9zK";

fn everything(text: &str) -> String {
    match read(text) {
        Ok(config) => format!("{:?} {:?}", config.warnings, config.broken),
        Err(errors) => format!("{errors} {errors:?}"),
    }
}

/// A file with the mark where a secret may not stand, in one of the ways people write it.
fn with_secret() -> impl Strategy<Value = String> {
    let key = prop_oneof![Just("access_token"), Just("client_secret"), Just("x"), Just("pin"), Just("env"), Just("value")];
    let shape = prop_oneof![
        Just("secrets = { KEY = \"MARK\" }"),
        Just("secrets = { KEY = { env = \"MARK=\" } }"),
        Just("secrets = { KEY = { vault = \"MARK\" } }"),
        Just("secrets = { KEY = [\"MARK\"] }"),
        Just("secrets = [\"MARK\"]"),
        Just("secrets = \"MARK\""),
        Just("secrets.KEY = \"MARK\""),
        Just("secrets = {\n  KEY = \"MARK\",\n}"),
        Just("[source.secrets]\nKEY = \"MARK\""),
        Just("[source.secrets]\nname = \"acme\"\nKEY = '''\nMARK'''"),
        Just("[source.secrets]\nname = \"acme\"\nKEY = '''\nMARK=='''"),
        Just("[source.secrets.KEY]\nenv = \"MARK MARK\""),
        Just("token = \"MARK\""),
    ];
    (key, shape).prop_map(|(key, shape)| {
        let shape = shape.replace("KEY", key).replace("MARK", MARK);
        format!("[[source]]\nname = \"acme\"\nallow = [\"https://api.miro.com\"]\n{shape}\n\n[[sink]]\nname = \"out\"\ntype = \"stdout\"\n")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn i5_a_secret_written_out_is_never_repeated_however_broken_the_file(
        text in with_secret(),
        at in any::<prop::sample::Index>(),
        length in 0..3_usize,
        put in prop_oneof![Just(""), Just("\""), Just("="), Just("{"), Just("}"), Just("["), Just("]"), Just("#"), Just("\\"), Just("ü"), Just(",")],
    ) {
        // Cut or put something anywhere but inside the secret itself.
        let chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        let mut broken: String = chars[..at].iter().collect();
        broken.push_str(put);
        broken.extend(&chars[(at + length).min(chars.len())..]);
        let said = everything(&broken);
        for part in [&MARK[..6], &MARK[7..]] {
            prop_assert!(!said.contains(part), "{broken}\n---\n{said}");
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,200}") {
        everything(&text);
    }

    #[test]
    fn no_pieces_of_toml_make_it_panic(pieces in prop::collection::vec(prop_oneof![
        Just("[[source]]\n"), Just("[[sink]]\n"), Just("[store]\n"), Just("[network]\n"), Just("[log]\n"), Just("[web]\n"), Just("[source.config]\n"),
        Just("name = \"a\"\n"), Just("type = \"sumo\"\n"), Just("type = \"file\"\n"), Just("sources = [\"a\"]\n"), Just("sources = []\n"),
        Just("url = { env = \"A\" }\n"), Just("allow = [\"https://a\"]\n"), Just("include = [\"*\"]\n"), Just("include = [\"\"]\n"), Just("include = [\"/\"]\n"),
        Just("config = { a = 1e400 }\n"), Just("config = 1\n"), Just("fields = { a = 0x1 }\n"), Just("batch_bytes = -1\n"),
        Just("source = 1\n"), Just("[[range]]\n"), Just("[[threat-list]]\n"), Just("[enrich]\n"), Just("addresses = [\"::/0\", \"0.0.0.0/0\"]\n"),
        Just("addresses = [\"10.0.0.0/8\"]\n"), Just("latitude = 1e400\n"), Just("longitude = nan\n"), Just("country = \"é\"\n"), Just("tag = \"é\"\n"), Just("[[detector]]\n"), Just("[[policy]]\n"), Just("[[policy.match]]\n"), Just("[policy.repeated]\n"), Just("policies = [\"*\"]\n"), Just("policies = [{}]\n"), Just("behaviours = [\"é\", \"a\"]\n"), Just("match = [{}, 1]\n"), Just("severity = \"low\"\n"), Just("category = \"dlp\"\n"), Just("match = [{ filter = \"text\", contains = \"a\" }]\n"), Just("scope.include.é = 1\n"), Just("[[notify]]\n"), Just("type = \"smtp\"\n"), Just("type = \"webhook\"\n"), Just("hours = [\"Mon-Sun 00:00-24:00\"]\n"), Just("zone = \"é\"\n"), Just("limit = \"1/d\"\n"), Just("to = [\"é\"]\n"), Just("headers = { é = \"é\" }\n"), Just("[respond]\n"), Just("[[responder]]\n"), Just("[[action]]\n"), Just("actions = [\"suspend\", \"é\"]\n"), Just("do = \"suspend\"\n"), Just("with = [\"a\"]\n"), Just("component = \"builtin:entra\"\n"), Just("text = \"{é}{user}{\"\n"), Just("certificate = { file = \"é\" }\n"), Just("directory = true\n"), Just("sink = [1]\n"), Just("\"\" = ''\n"), Just("interval = \"18446744073709551615w\"\n"), Just("é = 1979-05-27\n"),
    ], 0..14)) {
        everything(&pieces.concat());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, bytes).unwrap();
        let _ = super::load(&path);
    }
}
