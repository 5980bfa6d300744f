//! What others do in the engine: it is told, put right if it is ours, and left alone if it is not.

use bollard::models::{ContainerCreateBody, ContainerUpdateBody, VolumeCreateRequest};
use bollard::query_parameters::{
    CreateContainerOptions, InspectContainerOptions, RemoveImageOptions,
};
use slotbox::deployer::frame;
use slotbox::deployer::protocol::{Answer, Change, Clients, Refusal, Verb};
use slotbox::domain::ids::ClientId;
use slotbox::external::containers::Layout;
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixStream;

use crate::host::{Deployer, ask};
use crate::run::{Run, labels};

const CLIENT: ClientId = ClientId::from_bits(7);

struct Bench {
    run: Run,
    deployer: Deployer,
    layout: Layout,
    _dir: TempDir,
}

impl Bench {
    async fn begin() -> Option<Self> {
        let run = Run::begin().await?;
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(dir.path(), dir.path()).for_containers();
        layout.make_socket_dir(CLIENT).unwrap();
        let deployer = Deployer::start(&run, dir.path(), dir.path().join("clients")).await;
        Some(Self { run, deployer, layout, _dir: dir })
    }

    fn name(&self) -> String {
        format!("{}-{CLIENT}", self.run.instance)
    }

    async fn ask(&self, verb: Verb) -> Answer {
        ask(&self.deployer.socket, verb).await
    }

    /// Makes a container by hand, from the clients' image.
    async fn make(&self, name: &str, body: ContainerCreateBody) -> String {
        let Answer::Image(image) = self.ask(Verb::EnsureImage).await else { panic!("no image") };
        let options = CreateContainerOptions { name: Some(name.to_owned()), ..Default::default() };
        let entrypoint = Some(vec!["/slotbox".to_owned()]);
        let body = ContainerCreateBody { image: Some(image), entrypoint, ..body };
        self.run.docker.create_container(Some(options), body).await.unwrap().id
    }

    async fn is_there(&self, id: &str) -> bool {
        self.run.docker.inspect_container(id, None::<InspectContainerOptions>).await.is_ok()
    }
}

#[tokio::test]
async fn a_container_of_ours_changed_by_hand_is_put_right_and_told() {
    let Some(bench) = Bench::begin().await else { return };
    let client = CLIENT.into();
    assert_eq!(bench.ask(Verb::Ensure(client)).await, Answer::Ensured(Change::Made));
    assert_eq!(bench.ask(Verb::Start(client)).await, Answer::Done);
    assert_eq!(bench.ask(Verb::Ensure(client)).await, Answer::Ensured(Change::Kept));
    let more = ContainerUpdateBody {
        memory: Some(512 << 20),
        memory_swap: Some(1 << 30),
        ..ContainerUpdateBody::default()
    };
    bench.run.docker.update_container(&bench.name(), more).await.unwrap();
    let repaired = bench.ask(Verb::Ensure(client)).await;
    let fields = ["HostConfig.Memory", "HostConfig.MemorySwap"].map(str::to_owned).to_vec();
    assert_eq!(repaired, Answer::Ensured(Change::Repaired(fields)));
    assert_eq!(bench.ask(Verb::Ensure(client)).await, Answer::Ensured(Change::Kept));
    assert_eq!(bench.ask(Verb::Start(client)).await, Answer::Done);
}

#[tokio::test]
async fn a_container_that_others_made_is_left_alone_and_told() {
    let Some(bench) = Bench::begin().await else { return };
    let foreign = format!("{}-somebody", bench.run.instance);
    let labels = labels(&bench.run.instance, &CLIENT.to_string());
    let body = ContainerCreateBody { labels: Some(labels), ..ContainerCreateBody::default() };
    let labelled = bench.make(&foreign, body).await;
    let listed = bench.ask(Verb::List(None)).await;
    let expected = Clients { foreign: vec![foreign], ..Clients::default() };
    assert_eq!(listed, Answer::Clients(expected));

    let named = bench.make(&bench.name(), ContainerCreateBody::default()).await;
    let client = CLIENT.into();
    let what = format!("a container named {}", bench.name());
    for verb in [
        Verb::Ensure(client),
        Verb::Start(client),
        Verb::Stop(client),
        Verb::Remove(client, slotbox::deployer::protocol::Data::Delete),
        Verb::Log(client, 10),
    ] {
        let refused = Answer::Refused(Refusal::Foreign(what.clone()));
        assert_eq!(bench.ask(verb).await, refused, "{verb:?}");
    }
    assert!(bench.is_there(&labelled).await && bench.is_there(&named).await);
}

#[tokio::test]
async fn a_volume_that_others_made_is_never_mounted() {
    let Some(bench) = Bench::begin().await else { return };
    let volume = VolumeCreateRequest {
        name: Some(bench.name()),
        labels: Some(labels(&bench.run.instance, &CLIENT.to_string())),
        driver_opts: Some(
            [("type", "none"), ("o", "bind"), ("device", "/")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        ),
        ..VolumeCreateRequest::default()
    };
    bench.run.docker.create_volume(volume).await.unwrap();
    let refused = Refusal::Foreign(format!("a volume named {}", bench.name()));
    assert_eq!(bench.ask(Verb::Ensure(CLIENT.into())).await, Answer::Refused(refused));
}

#[tokio::test]
async fn a_gateway_directory_that_is_a_link_is_never_mounted() {
    let Some(bench) = Bench::begin().await else { return };
    let dir = bench.layout.socket_dir(CLIENT);
    std::fs::remove_dir(&dir).unwrap();
    std::os::unix::fs::symlink("/", &dir).unwrap();
    let refused = bench.ask(Verb::Ensure(CLIENT.into())).await;
    assert!(matches!(refused, Answer::Refused(Refusal::Gateway(_))), "{refused:?}");
    assert_eq!(bench.run.left().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_image_that_was_taken_away_is_made_again() {
    let Some(bench) = Bench::begin().await else { return };
    let Answer::Image(first) = bench.ask(Verb::EnsureImage).await else { panic!("no image") };
    let force = RemoveImageOptions { force: true, ..Default::default() };
    bench.run.docker.remove_image(&first, Some(force), None).await.unwrap();
    let ensured = bench.ask(Verb::Ensure(CLIENT.into())).await;
    assert_eq!(ensured, Answer::Ensured(Change::Made));
}

#[tokio::test]
async fn what_is_no_request_closes_the_connection() {
    let Some(bench) = Bench::begin().await else { return };
    let mut stream = UnixStream::connect(&bench.deployer.socket).await.unwrap();
    frame::read(&mut stream).await.unwrap().unwrap();
    stream.write_all(b"GET /containers/json HTTP/1.1\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.ok(); // Closed with bytes unread, it may be reset.
    assert_eq!(rest, b"");
    assert!(matches!(bench.ask(Verb::List(None)).await, Answer::Clients(_)));
}
