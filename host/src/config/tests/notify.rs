//! `[[notify]]`: what is wrong with it, and what stands in one that is right.

use super::{files, load, said, wrong::shows};

macro_rules! wrong {
    ($($name:ident: $text:expr,)+) => {
        $(
            #[test]
            fn $name() {
                shows(stringify!($name), concat!("{source}\n", $text));
            }
        )+
    };
}

wrong! {
    a_channel_without_anything: "[[notify]]\n",
    a_channel_with_one_bracket: "[notify]\nname = \"soc\"\n",
    a_channel_of_an_unknown_type: "[[notify]]\nname = \"soc\"\ntype = \"slack\"\n",
    a_channel_with_a_misspelt_key: "[[notify]]\nname = \"soc\"\ntype = \"webhook\"\ntemplat = \"slack\"\nurl = { env = \"SLACK_URL\" }\n",
    a_channel_with_a_key_of_another_type: "[[notify]]\nname = \"soc\"\ntype = \"smtp\"\nurl = { env = \"SLACK_URL\" }\nhost = \"smtp.example.com\"\nfrom = \"a@example.com\"\nto = [\"b@example.com\"]\n",
    a_webhook_without_url: "[[notify]]\nname = \"soc\"\ntype = \"webhook\"\ntemplate = \"slack\"\n",
    a_webhook_with_its_url_written_out: "[[notify]]\nname = \"soc\"\ntype = \"webhook\"\nurl = \"https://hooks.slack.com/services/T0/B0/ZaVnC4dhaV1\"\n",
    a_webhook_with_an_unknown_template: "[[notify]]\nname = \"soc\"\ntype = \"webhook\"\ntemplate = \"slcak\"\nurl = { env = \"SLACK_URL\" }\n",
    a_webhook_with_odd_headers: "[[notify]]\nname = \"soc\"\ntype = \"webhook\"\nurl = { env = \"URL\" }\nheaders = { \"X Team\" = \"a\", Host = \"b\", X-Line = \"c\\r\\nd\", Authorization = \"Bearer ZaVnC4dhaV1\", X-Api-Key = { env = \"KEY\" } }\n",
    a_pager_without_its_key: "[[notify]]\nname = \"soc\"\ntype = \"webhook\"\ntemplate = \"pagerduty\"\n",
    a_key_of_a_pager_that_is_none: "[[notify]]\nname = \"soc\"\ntype = \"webhook\"\ntemplate = \"teams\"\nurl = { env = \"URL\" }\nrouting_key = { env = \"KEY\" }\n",
    a_mail_without_anything: "[[notify]]\nname = \"soc\"\ntype = \"smtp\"\n",
    a_mail_with_odd_values: "[[notify]]\nname = \"soc\"\ntype = \"smtp\"\nhost = \"smtp example\"\nport = 0\ntls = \"ssl\"\nfrom = \"nobody\"\nto = [\"b@example.com\", \"a\\r\\nBcc: x@example.com\"]\n",
    a_mail_in_plain_text: "[[notify]]\nname = \"soc\"\ntype = \"smtp\"\nhost = \"smtp.example.com\"\ntls = \"none\"\nfrom = \"a@example.com\"\nto = [\"b@example.com\"]\n",
    a_mail_with_a_user_without_password: "[[notify]]\nname = \"soc\"\ntype = \"smtp\"\nhost = \"smtp.example.com\"\nuser = \"a\"\nfrom = \"a@example.com\"\nto = [\"b@example.com\"]\n",
    a_channel_by_a_command_as_one_text: "[[notify]]\nname = \"soc\"\ntype = \"command\"\ncommand = \"page soc\"\n",
    a_channel_with_odd_conditions: "[[notify]]\nname = \"soc\"\ntype = \"command\"\ncommand = [\"page\"]\nseverity = \"hihg\"\npolicies = []\nhours = [\"Mon-Fri 08:00-18:00\", \"weekends\"]\nzone = \"Europe/Atlantis\"\nalways = true\nlimit = \"500\"\ntimeout = \"1h\"\n",
    a_zone_without_hours: "[[notify]]\nname = \"soc\"\ntype = \"command\"\ncommand = [\"page\"]\nzone = \"Europe/Berlin\"\n",
    a_channel_of_a_source_that_is_not_there: "[[notify]]\nname = \"soc\"\ntype = \"command\"\ncommand = [\"page\"]\nsources = [\"acmee\"]\n",
    a_channel_that_does_not_say_of_which_source: "[[source]]\nname = \"other\"\nallow = [\"https://api.miro.com\"]\n\n[[notify]]\nname = \"soc\"\ntype = \"command\"\ncommand = [\"page\"]\n",
    two_channels_with_one_name: "[[notify]]\nname = \"soc\"\ntype = \"command\"\ncommand = [\"page\"]\n[[notify]]\nname = \"soc\"\ntype = \"command\"\ncommand = [\"page\"]\n",
}

#[test]
fn every_key_of_a_channel_arrives() {
    let text = r#"{source}

[[notify]]
name = "slack"
type = "webhook"
template = "slack"
url = { file = "slack_url" }
sources = ["acme"]
severity = "low"
policies = ["impossible-travel", "imposible-travel"]
hours = ["Mon-Fri 08:00-18:00", "Sat 22:00-02:00"]
zone = "Europe/Berlin"
always = "medium"
limit = "20/h"
headers = { X-Team = "soc", X-Api-Key = { env = "KEY" } }
hmac = { file = "hmac" }

[[notify]]
name = "pager"
type = "webhook"
template = "pagerduty"
routing_key = { env = "PAGERDUTY_KEY" }
always = false

[[notify]]
name = "mail"
type = "smtp"
host = "smtp.example.com"
user = "alerts"
password = { command = ["pass", "show", "smtp"] }
from = "miro-source <alerts@example.com>"
to = ["soc@example.com", "Ann <ann@example.com>"]

[[notify]]
name = "own"
type = "command"
command = ["/usr/local/bin/page", "--team", "soc"]
timeout = "1m"
"#;
    let folder = files(&[("miro-source.toml", text)]);
    let config = load(&folder.path().join("miro-source.toml")).unwrap();
    insta::assert_snapshot!(said(folder.path(), format!("{:#?}\n{:#?}", config.channels, config.warnings)));
}
