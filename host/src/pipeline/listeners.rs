//! Who hears of alerts, as the store is to know it.

use std::sync::Arc;

use crate::{
    alert::Outlet,
    condition::Listeners,
    config::{ChannelConfig, Config, SinkConfig},
    model::SourceName,
    notify::Audience,
    store::{Result, Store, blocking},
};

/// Notes them in the store: it writes down what they are to hear with the change itself.
pub(super) async fn note(config: &Config, store: &Arc<dyn Store>) -> Result<()> {
    let (outlets, audiences) = (outlets(&config.sinks), audiences(&config.channels));
    let everyone = config.everyone().map_or(i64::MAX, |all| i64::try_from(all.len()).unwrap_or(i64::MAX)).to_string();
    if config.is_partial() && !Listeners::new(config).hear_host() {
        tracing::warn!(
            "no sink and no channel is known to hear of every source, those of files that are wrong included: what is about the host stands in this log only"
        );
    }
    blocking(store, move |store| {
        store.note(Outlet::SOURCES, &everyone)?;
        store.set_outlets(&outlets)?;
        store.set_audiences(&audiences)
    })
    .await
}

/// Which sinks get the alerts of which sources.
fn outlets(sinks: &[SinkConfig]) -> Vec<Outlet> {
    let of = |sink: &SinkConfig| {
        let format = sink.alerts?;
        let each = |source: &SourceName| Outlet { sink: sink.name.clone(), source: source.clone(), format };
        // One of a file that is wrong counts where it is asked who hears of all.
        Some(sink.sources.iter().chain(&sink.lost).map(each).collect::<Vec<_>>())
    };
    sinks.iter().filter_map(of).flatten().collect()
}

/// Which channels are told of the alerts of which sources.
fn audiences(channels: &[ChannelConfig]) -> Vec<Audience> {
    let of = |channel: &ChannelConfig| {
        let (channel, route, sources) = (channel.name.clone(), channel.route.clone(), channel.sources.clone());
        sources.into_iter().map(move |source| Audience { channel: channel.clone(), source, route: route.clone() })
    };
    channels.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::load,
        model::Instant,
        respond::{Deed, Kind},
        store::{
            seal::Key,
            sqlite::{Access, Open, SqliteStore},
        },
    };

    fn customer(name: &str) -> String {
        let secrets = format!("secrets = {{ access_token = {{ env = \"{}_TOKEN\" }} }}", name.to_uppercase());
        let sink = format!("[[sink]]\nname = \"{name}-out\"\ntype = \"file\"\npath = \"{name}.ndjson\"\n");
        format!("[[source]]\nname = \"{name}\"\nallow = [\"https://api.miro.com\"]\n{secrets}\n{sink}")
    }

    #[tokio::test]
    async fn i5_what_is_about_the_host_goes_to_no_customer_alone_whose_file_is_the_only_one_that_is_right() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("customers")).unwrap();
        let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
        let (main, at) = ("include = [\"customers/*.toml\"]\n[store]\nkey = { file = \"key\" }\n", Instant(1_800_000_000_000));
        write("customers/acme.toml", &customer("acme"));
        let owned = SqliteStore::open(Open::new(folder.path().join("store.db"), Key::new(&[1; 32]), Access::Owner)).unwrap();
        let store: Arc<dyn Store> = Arc::new(owned);
        // Those who hear of it, and the sinks that a record about the host is on its way to.
        let told = async |main: &str, beta: &str, about: &str| {
            write("m.toml", main);
            write("customers/beta.toml", beta);
            let config = load(&folder.path().join("m.toml")).unwrap();
            note(&config, &store).await.unwrap();
            store.deed(&Deed { at, who: None, deed: Kind::Configuration, about: about.to_owned(), source: None }, None).unwrap();
            let on_its_way =
                |sink: &str| store.outbox(&sink.parse().unwrap(), 9, 9999).unwrap().iter().any(|line| line.body.contains(about));
            let sinks = ["acme-out", "beta-out", "all"].map(on_its_way);
            (Listeners::new(&config).hear_host(), sinks)
        };
        let operator = format!("{main}[[sink]]\nname = \"all\"\ntype = \"file\"\npath = \"all.ndjson\"\nsources = [\"acme\", \"beta\"]\n");
        let slip = customer("beta").replace("allow", "alow");
        assert_eq!(told(main, &slip, "first").await, (false, [false; 3]));
        assert_eq!(told(main, "[[source", "second").await, (false, [false; 3]));
        assert_eq!(told(&operator, &slip, "third").await, (true, [false, false, true]), "who names all of them hears of it");
        assert_eq!(told(&operator, "[[source", "fourth").await, (true, [false, false, true]));
        assert_eq!(told(&operator, &customer("beta"), "fifth").await, (true, [false, false, true]));
    }
}
