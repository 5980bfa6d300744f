//! A host that is lost with its settings, and comes back from its backup alone.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde_json::Value;
use slotbox::external::vault::Identity;
use tokio::process::{Child, Command};

use crate::host::{TOKEN, stop};
use crate::house::{House, SOON, files, until};
use crate::whole::IDENTITY;

/// Runs the program with what the files say, and nothing else.
fn slotbox(house: &House, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
    command.args(arguments).arg("--config").arg(house.path("slotbox.toml")).env_clear();
    command.env("CREDENTIALS_DIRECTORY", house.path("credentials"));
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

async fn serve(house: &House) -> Child {
    let log = fs::File::create(house.path("serve.log")).unwrap();
    let mut command = slotbox(house, &["serve"]);
    let serving = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    house.api.is_up().await;
    serving
}

async fn told(house: &House, arguments: &[&str], code: i32) -> String {
    let mut command = slotbox(house, arguments);
    command.arg("--socket").arg(house.path("run/control.sock"));
    let done = tokio::time::timeout(SOON, command.output()).await.unwrap().unwrap();
    let Output { status, stdout, stderr } = done;
    let (out, err) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert_eq!(status.code(), Some(code), "{out}{err}\n{}", house.log());
    if code == 0 { out } else { err }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Writes what an operator and `slotbox setup` have written, and returns setup's file.
fn furnish(house: &House) -> String {
    let (shown, listen) = (house.dir.path().display(), house.api.base.replace("http://", ""));
    let (telegram, shop) = (house.telegram.url(), house.shop.url());
    let recipient = Identity::parse(IDENTITY).unwrap().recipients()[0].to_string();
    let shop_id = house.shop.shop_id();
    let setup = format!(
        "[server]\nlocal_listen = '{listen}'\ndata_dir = '{shown}/data'\nruntime_dir = '{shown}/run'\n\
         [tls]\nmode = 'off'\n[telegram]\napi_url = '{telegram}'\noperators = [100]\n\
         [yookassa]\napi_url = '{shop}'\nshop_id = '{shop_id}'\ntrusted_networks = ['127.0.0.0/8']\n\
         [runtime]\nkind = 'process'\n[log]\nformat = 'text'\n\
         [backup]\ndestination = '{shown}/vault'\nrecipients = ['{recipient}']\n"
    );
    for folder in ["conf.d", "credentials"] {
        fs::create_dir(house.path(folder)).unwrap();
    }
    fs::write(house.path("conf.d/50-setup.toml"), &setup).unwrap();
    fs::write(house.path("slotbox.toml"), "[server]\nsupport = '@of_the_operator'\n").unwrap();
    let secrets = [
        ("api.token", TOKEN.to_owned()),
        ("telegram.master_token", house.telegram.add_bot("Master", "master_bot")),
        ("telegram.sales_token", house.telegram.add_bot("Sales", "sales_bot")),
        ("yookassa.secret_key", house.shop.secret_key().to_owned()),
    ];
    for (name, secret) in secrets {
        fs::write(house.path("credentials").join(name), secret).unwrap();
    }
    setup
}

/// Nothing in the place shows what the settings say.
fn assert_sealed(house: &House) {
    for folder in ["backups", "objects"] {
        for file in files(&house.path("vault").join(folder)) {
            let bytes = fs::read(&file).unwrap();
            let holds = |text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
            assert!(!holds(TOKEN) && !holds("@of_the_operator"), "{}", file.display());
        }
    }
}

/// The package is installed anew on a machine that has nothing; returns what opens the backup.
fn lose_everything(house: &House) -> PathBuf {
    for lost in ["data", "run", "conf.d", "credentials"] {
        fs::remove_dir_all(house.path(lost)).unwrap();
    }
    fs::remove_file(house.path("sealing.key")).unwrap();
    let fresh = format!("[server]\ndata_dir = '{}'\n", house.path("fresh").display());
    fs::write(house.path("slotbox.toml"), fresh).unwrap();
    let identity = house.path("identity");
    fs::write(&identity, IDENTITY).unwrap();
    identity
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_has_lost_its_settings_too_comes_back_from_its_backup() {
    let house = House::build(&[]).await;
    let setup = furnish(&house);
    let mut serving = serve(&house).await;
    let client = house.add_salon("salon_bot", 301).await;
    told(&house, &["backup", "create"], 0).await;
    stop(&mut serving).await;
    let listed = told(&house, &["backup", "list", "--json"], 0).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let of = |key: &str| listed["items"][0][key].as_str().unwrap().to_owned();
    let (host, backup) = (of("host"), of("id"));
    assert_sealed(&house);
    let identity = lose_everything(&house);
    let (identity, vault) = (identity.display().to_string(), house.path("vault"));
    let from = ["--from", vault.to_str().unwrap(), "--identity", &identity];
    let run = async |more: &[&str], code| {
        // What is put aside is named by the second.
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        // By its name: the host that comes back makes backups of its own.
        let arguments = [&["backup", "restore", &backup], &from[..], more].concat();
        told(&house, &arguments, code).await
    };
    let of_another: &[&str] = &["--host", "00000000000000000000000000000000"];
    let refused = run(of_another, 1).await;
    assert!(refused.contains(&host), "{refused}");
    assert!(!house.path("conf.d").exists(), "nothing of a backup that is refused is written");

    let restored = run(&[], 0).await;
    let file = house.path("conf.d/50-setup.toml");
    let token = house.path("credentials/api.token");
    for wrote in [&file, &token] {
        assert!(restored.contains(&format!("settings: wrote {}", wrote.display())), "{restored}");
    }
    assert!(restored.contains("slotbox.toml, which differs from the backup's"), "{restored}");
    assert!(!restored.contains(TOKEN), "{restored}");
    assert_eq!(fs::read_to_string(&file).unwrap(), setup);
    assert_eq!((mode(&file), mode(&token)), (0o640, 0o600));
    assert_eq!(mode(&house.path("credentials")), 0o700);
    assert!(house.path("data/slotbox.redb").exists(), "the data lies where its settings say");

    let mut serving = serve(&house).await;
    until(&house.api, &format!("/clients/{client}"), "runtime", "running").await;
    let customer = house.person("salon_bot", 301);
    customer.say("📋 Мои записи", "Ваши записи").await.unwrap();
    let held = run(&["--replace", "--replace-settings"], 1).await;
    assert!(held.contains("systemctl stop slotbox"), "{held}");
    stop(&mut serving).await;

    // A host that has settings keeps them, unless it is told otherwise.
    fs::write(&file, setup.replace("[100]", "[100, 101]")).unwrap();
    let kept = run(&["--replace"], 0).await;
    assert!(kept.contains("this host has its own in"), "{kept}");
    assert!(fs::read_to_string(&file).unwrap().contains("[100, 101]"));
    let left = run(&["--replace", "--no-settings"], 0).await;
    assert!(!left.contains("settings:"), "{left}");
    run(&["--replace", "--replace-settings"], 0).await;
    assert_eq!(fs::read_to_string(&file).unwrap(), setup);
    let main = || fs::read_to_string(house.path("slotbox.toml")).unwrap();
    assert!(main().contains("@of_the_operator"), "{}", main());

    // The package's own main file sets nothing, so nothing is lost with it.
    fs::remove_file(&file).unwrap();
    fs::write(house.path("slotbox.toml"), "# No program edits this file.\n\n").unwrap();
    run(&["--replace"], 0).await;
    assert_eq!(fs::read_to_string(&file).unwrap(), setup);
    assert!(main().contains("@of_the_operator"), "{}", main());
    house.shut().await;
}
