//! Records in a real journal, read by `journalctl`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value};

use crate::can_run;
use crate::stories::{check, live};
use crate::world::{API_TOKEN, Recipe, World};

const JOURNALD: &str = "/lib/systemd/systemd-journald";

/// Runs a journal of its own, and then what is given to it, in mounts of its own: `/run` is the
/// directory `$1`.
const SCRIPT: &str = r#"
set -e
mount --bind "$1" /run
shift
if ! [ -s /etc/machine-id ]; then
    tr -d - </proc/sys/kernel/random/uuid >/run/machine-id
    mount --bind /run/machine-id /etc/machine-id
fi
mkdir -p /run/log/journal
/lib/systemd/systemd-journald &
journald=$!
tries=0
until [ -S /run/systemd/journal/socket ]; do
    tries=$((tries + 1))
    [ $tries -lt 600 ]
    sleep 0.1
done
code=0
"$@" || code=$?
kill $journald
wait $journald || true
exit $code
"#;

/// A process here has its own mounts and process numbers, and none outlives the first of them.
const UNSHARE: [&str; 6] =
    ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

fn wrapper(dir: &Path) -> Vec<String> {
    let run = dir.join("journal-run");
    std::fs::create_dir(&run).unwrap();
    let words = UNSHARE.into_iter().chain(["sh", "-c", SCRIPT, "sh"]).map(ToOwned::to_owned);
    words.chain([run.display().to_string()]).collect()
}

/// Returns whether a journal can run here.
fn journal_runs() -> bool {
    let probe = format!(
        "test -x {JOURNALD} && command -v journalctl && mount -t tmpfs tmpfs /run && \
         {{ test -s /etc/machine-id || test -e /etc/machine-id; }}"
    );
    let mut command = Command::new(UNSHARE[0]);
    command.args(&UNSHARE[1..]).args(["sh", "-c", &probe]);
    can_run("a systemd-journald in mounts of its own (Debian's systemd, as root)", &mut command)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_journal_tells_one_clients_story() {
    if !journal_runs() {
        return;
    }
    let set = vec![("LOG__FORMAT", "journald".to_owned()), ("LOG__LEVEL", "debug".to_owned())];
    let mut world = World::begin(Recipe { set, wrapper: Some(wrapper) }).await;
    let story = live(&world).await;
    world.stop().await;
    let journal = Journal(world.dir.path().join("journal-run/log/journal"));
    check(&story, |field, value| journal.find(&[&format!("{field}={value}")]));

    // What an operator types, with the fields as design and docs name them.
    let settled = &journal.export(&["SLOTBOX_EVENT=payment.settled"])[0];
    for (name, value) in [
        ("MESSAGE", "a payment was settled"),
        ("PRIORITY", "6"),
        ("SYSLOG_IDENTIFIER", "slotbox"),
        ("SLOTBOX_EVENT", "payment.settled"),
        ("SLOTBOX_CLIENT", &story.client),
        ("SLOTBOX_ORDER", &story.order),
        ("SLOTBOX_PAYMENT", &story.payment),
    ] {
        assert_eq!(settled[name], value, "{name} of {settled:?}");
    }
    assert!(settled["SLOTBOX_JOB"].as_str().unwrap().starts_with("j_"), "{settled:?}");
    let warnings = journal.export(&["-p", "warning", "SLOTBOX_ROLE=serve"]);
    assert!(warnings.iter().any(|it| it["SLOTBOX_EVENT"] == "client.crashed"), "{warnings:?}");
    let everything = journal.text(&["-o", "export"]);
    for secret in [&world.tokens.master, &world.tokens.sales, API_TOKEN, world.shop.secret_key()] {
        let letters = secret.rsplit(':').next().unwrap();
        assert!(!everything.contains(letters), "the journal holds a secret");
    }
    assert!(world.log().is_empty(), "all went to the journal, not here: {}", world.log());
}

/// The files of a journal.
struct Journal(PathBuf);

impl Journal {
    fn text(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("journalctl");
        command.arg("--no-pager").arg("--quiet").arg("-D").arg(&self.0).args(arguments);
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.is_empty(), "{told}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Returns records with the fields as the journal names them.
    fn export(&self, arguments: &[&str]) -> Vec<Map<String, Value>> {
        let text = self.text(&[&["-o", "json", "--all"], arguments].concat());
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Returns records with the fields as JSON lines name them.
    fn find(&self, arguments: &[&str]) -> Vec<Value> {
        let lower = |record: Map<String, Value>| {
            record.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect()
        };
        self.export(arguments).into_iter().map(lower).map(Value::Object).collect()
    }
}
