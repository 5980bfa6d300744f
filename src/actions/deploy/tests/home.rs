//! A bot starts with the client's data or not at all.

use crate::actions::home::HomeError;
use crate::domain::home::{Home, Place};
use crate::external::containers::docker::Docker;
use crate::external::containers::process::{ProcessSettings, Processes};
use crate::external::seeds;
use crate::store::homes;

use super::*;

impl Bench {
    /// The same host, on which clients may have containers and no deployer answers.
    async fn without_deployer() -> Self {
        let mut bench = Self::new(OBEDIENT, patient()).await;
        let layout = bench.host.layout.clone();
        let mut settings = ProcessSettings::new("/bin/sh".into(), layout.clone());
        settings.stop_within = Duration::from_secs(2);
        let docker = Docker::new("/no/such/deployer.sock".into(), layout.for_containers());
        settings.other = Some(Arc::new(docker));
        bench.host.deps.runtime = Arc::new(Processes::new(settings));
        bench
    }

    async fn put_home(&self, home: Home) {
        let (store, id) = (&self.deps().store, self.id);
        store.write(move |txn| homes::put(txn, id, home)).await.unwrap();
    }

    fn home(&self) -> Option<Home> {
        self.deps().store.read(|snap| homes::get(snap, self.id)).unwrap()
    }

    fn place_seed(&self) {
        let file = self.host.layout.seeds_dir().with_file_name("restored");
        fs::write(&file, "a database").unwrap();
        seeds::place(&self.host.layout, self.id, &file).unwrap();
    }
}

#[tokio::test]
async fn a_new_bot_needs_no_deployer_where_bots_are_processes() {
    let bench = Bench::without_deployer().await;
    bench.deploy_well().await;
    assert_eq!(bench.home(), Some(Home::PROCESS));
    assert_eq!(bench.pids().len(), 1);
}

#[tokio::test]
async fn a_bot_whose_data_is_in_a_container_is_not_started_empty() {
    let bench = Bench::without_deployer().await;
    bench.host.change(bench.id, |client| client.runtime = RuntimeState::Running).await;
    bench.put_home(Home::CONTAINER).await;
    boot(bench.deps()).await.unwrap();
    boot(bench.deps()).await.unwrap();
    assert_eq!(bench.jobs().await, ["Deploy(it)"], "it takes its time, and is asked for once");
    for home in [Home::CONTAINER, Home { is_leaving: true, ..Home::CONTAINER }] {
        bench.put_home(home).await;
        let refused = deploy(bench.deps(), bench.id, Chance::More).await;
        let named = matches!(refused, Err(DeployError::Home(HomeError::InContainer(_))));
        assert!(named, "{refused:?}");
        restart(bench.deps(), bench.id, Chance::More).await.unwrap_err();
        assert_eq!(bench.home(), Some(home));
    }
    assert!(bench.pids().is_empty() && !bench.runs());
    assert!(!bench.host.layout.socket(bench.id).exists());
}

#[tokio::test]
async fn a_bot_that_ran_and_left_nothing_here_ran_in_a_container() {
    let bench = Bench::without_deployer().await;
    bench.host.change(bench.id, |client| client.runtime = RuntimeState::Running).await;
    for chance in [Chance::More, Chance::Last, Chance::More] {
        deploy(bench.deps(), bench.id, chance).await.unwrap_err();
    }
    assert_eq!(bench.home(), Some(Home::CONTAINER));
    assert!(bench.pids().is_empty());
}

#[tokio::test]
async fn a_seed_is_the_data_whatever_is_on_record() {
    let bench = Bench::without_deployer().await;
    bench.put_home(Home { is_leaving: true, ..Home::CONTAINER }).await;
    bench.place_seed();
    bench.deploy_well().await;
    let home = bench.home().unwrap();
    assert_eq!(home.place, Place::Container, "the bot has not said yet that it has it");
    // It says so.
    let number = seeds::number(&bench.host.layout, bench.id).unwrap().unwrap();
    crate::actions::give_seed::taken(bench.deps(), bench.id, number).await.unwrap();
    crate::actions::give_seed::taken(bench.deps(), bench.id, number).await.unwrap();
    assert_eq!(bench.home(), Some(Home { has_container: true, ..Home::PROCESS }));
    // The container is still to be removed, and nobody does it before there is data here.
    deploy(bench.deps(), bench.id, Chance::More).await.unwrap_err();
    fs::write(bench.host.layout.data_dir(bench.id).join("client.redb"), "a database").unwrap();
    bench.deploy_well().await;
    assert!(bench.home().unwrap().has_container);
}
