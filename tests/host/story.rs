//! One host's life.

use std::time::Instant;

use serde_json::Value;
use slotbox::external::vault::Identity;
use slotbox::sandbox::yookassa::Card;

use crate::begin::{certified, connect, install, set_up};
use crate::guest::{Debian, Guest, package};
use crate::look::{
    clients_are_below_a_ceiling, clients_are_below_a_slice, the_doctor_finds_nothing,
    the_journal_tells_it, the_units_are_hardened,
};
use crate::outside::{Outside, SALES};
use crate::person::Person;
use crate::upgrade::{
    goes_back_after_a_refused_upgrade, is_not_downgraded_below_its_data, upgrades,
    upgrades_under_load,
};

const OWNER: i64 = 222;
const CUSTOMER: i64 = 333;
/// What opens the backups; it lies apart from the host.
const IDENTITY: &str = "AGE-SECRET-KEY-1CYL72SPRHVJ0MEMXS5UZ5REJUM5CVG0CC73CG9GX3TR5F07EQG4SK3VJQE";

/// One guest at a time: they share this machine's groups of processes.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_lives_from_install_to_purge() {
    let Some(package) = package() else { return };
    let _turn = TURN.lock().await;
    let dir = tempfile::Builder::new().prefix("slotbox-host-").tempdir().unwrap();
    let outside = Outside::begin(dir.path()).await;
    let guest = Guest::boot(Debian::Bookworm, dir.path());
    connect(&guest, &outside);

    let began = Instant::now();
    install(&guest, &package);
    set_up(&guest, &outside).await;
    let client = certified(&guest, &outside).await;
    outside.notify(client.clone()).await;
    let owner = outside.person(SALES, OWNER, "Ольга");
    let payment = buy(&outside, &owner).await;
    eprintln!("from the installation to the first settled payment: {:?}", began.elapsed());
    owner.hears("готов!", 1).await.unwrap();
    let customer = outside.person("salon_bot", CUSTOMER, "Анна");
    book(&customer).await;
    the_journal_tells_it(&guest, &payment);
    the_doctor_finds_nothing(&guest);
    the_units_are_hardened(&guest);
    clients_are_below_a_ceiling(&guest);
    every_role_comes_back(&guest, &customer).await;
    let second = power_fails(&guest, &outside, &owner, &customer).await;
    upgrades_under_load(&guest, &outside, &client, &package).await;
    customer.say("📋 Мои записи", "Ваши записи").await.unwrap();
    is_not_downgraded_below_its_data(&guest, &outside).await;
    goes_back_after_a_refused_upgrade(&guest, &outside, &package).await;
    customer.say("📋 Мои записи", "Ваши записи").await.unwrap();
    comes_back_from_a_backup(&guest, &customer, &[payment.clone(), second.clone()]).await;
    goes_and_comes_back(&guest, &customer, &[payment, second]).await;
    is_purged(&guest);
}

/// On the release of Debian after that, and with an engine that has systemd group its containers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_of_debian_13_lives_a_shorter_life() {
    let Some(package) = package() else { return };
    let _turn = TURN.lock().await;
    let dir = tempfile::Builder::new().prefix("slotbox-host-").tempdir().unwrap();
    let outside = Outside::begin(dir.path()).await;
    let guest = Guest::boot(Debian::Trixie, dir.path());
    connect(&guest, &outside);
    guest.run(
        r#"sed -i 's/}$/, "exec-opts": ["native.cgroupdriver=systemd"]}/' /etc/docker/daemon.json
        systemctl restart docker
        [ "$(docker info --format '{{.CgroupDriver}}')" = systemd ]"#,
    );

    install(&guest, &package);
    set_up(&guest, &outside).await;
    let client = certified(&guest, &outside).await;
    outside.notify(client.clone()).await;
    let owner = outside.person(SALES, OWNER, "Ольга");
    let payment = buy(&outside, &owner).await;
    owner.hears("готов!", 1).await.unwrap();
    let customer = outside.person("salon_bot", CUSTOMER, "Анна");
    book(&customer).await;
    the_doctor_finds_nothing(&guest);
    the_units_are_hardened(&guest);
    clients_are_below_a_slice(&guest);
    let second = power_fails(&guest, &outside, &owner, &customer).await;
    clients_are_below_a_slice(&guest);
    upgrades(&guest, &outside, &package);
    customer.say("📋 Мои записи", "Ваши записи").await.unwrap();
    goes_and_comes_back(&guest, &customer, &[payment, second]).await;
    is_purged(&guest);
}

/// Buys a bot and returns the payment, once the owner was told that it came.
async fn buy(outside: &Outside, owner: &Person) -> String {
    let token = outside.telegram.add_bot("Salon", "salon_bot");
    owner.say("/start", "Выберите действие").await.unwrap();
    owner.say("💳 Купить подписку", "Тарифы").await.unwrap();
    owner.press("30 дней", "Шаг 1 из 2").await.unwrap();
    owner.say("Салон", "Шаг 2 из 2").await.unwrap();
    let say = || {
        owner.0.send(&token);
        Ok(())
    };
    let payment = owner.link_beside(&[], say).await.unwrap();
    pay(outside, owner, &payment, 1).await;
    payment
}

async fn pay(outside: &Outside, owner: &Person, payment: &str, times: usize) {
    outside.shop.pay(payment, Card::Ok).unwrap();
    owner.hears("Оплата получена:", times).await.unwrap();
}

async fn book(customer: &Person) {
    customer.say("/start", "Салон").await.unwrap();
    customer.say("📅 Записаться", "Выберите день").await.unwrap();
    customer.press(&customer.0.last_button("d:").unwrap(), "Выберите время").await.unwrap();
    customer.press(&customer.0.last_button("t:").unwrap(), "Проверьте").await.unwrap();
    customer.press("✅ Подтвердить", "Вы записаны").await.unwrap();
}

async fn every_role_comes_back(guest: &Guest, customer: &Person) {
    for unit in ["slotbox", "slotbox-deployer"] {
        let pid = format!("systemctl show --value -p MainPID {unit}");
        let before = guest.run(&pid);
        guest.run(&format!("kill -9 $({pid})"));
        let back = format!("[ $({pid}) != 0 ] && [ $({pid}) != {} ]", before.trim());
        let wake = if unit == "slotbox" { "" } else { "&& systemctl is-active slotbox-deployer" };
        guest.until(&format!("{unit} does not come back"), &format!("{back} {wake}"));
    }
    guest.until("serve is not well", "slotbox status --json | grep -q '\"database\"'");
    customer.say("📋 Мои записи", "Ваши записи").await.unwrap();
    let pid = "docker inspect --format '{{.State.Pid}}' $(docker ps -aq)";
    let before = guest.run(pid);
    guest.run(&format!("kill -9 {before}"));
    let back = format!("[ $({pid}) -gt 0 ] && [ $({pid}) != {} ]", before.trim());
    guest.until("the container does not come back", &back);
    customer.say("📋 Мои записи", "Ваши записи").await.unwrap();
}

/// Cuts the power right after a payment was acknowledged. Returns the payment.
async fn power_fails(
    guest: &Guest,
    outside: &Outside,
    owner: &Person,
    customer: &Person,
) -> String {
    let known = owner.links();
    owner.say("🤖 Мои боты", "salon_bot").await.unwrap();
    owner.press("⚙️", "🏢").await.ok(); // Beside an open order, the bot is a button in a list.
    owner.press("🔄 Продлить", "🔄 Продление").await.unwrap();
    let press = || Ok(owner.0.press("30 дней")?);
    let payment = owner.link_beside(&known, press).await.unwrap();
    pay(outside, owner, &payment, 2).await;
    guest.cut_power();
    guest.until("serve is not well", "slotbox status --json | grep -q '\"database\"'");
    let listed = guest.run("slotbox payments list --state settled --json");
    assert!(listed.contains(&payment), "{listed}");
    customer.say("📋 Мои записи", "Ваши записи").await.unwrap();
    payment
}

/// Everything is lost, settings and secrets too, but an encrypted backup and what opens it. The package is
/// installed anew, and two commands bring all back.
async fn comes_back_from_a_backup(guest: &Guest, customer: &Person, payments: &[String]) {
    let recipient = &Identity::parse(IDENTITY).unwrap().recipients()[0];
    guest.run(&format!(
        "printf '[backup]\nrecipients = [\"{recipient}\"]\n' >/etc/slotbox/conf.d/60-backup.toml\n\
         printf '{IDENTITY}\n' >/root/backup.key\n\
         systemctl restart slotbox"
    ));
    guest.until("serve is not well", "slotbox status --json | grep -q '\"database\"'");
    let made = guest.run("slotbox backup create --json");
    let made: Value = serde_json::from_str(&made).unwrap();
    assert_eq!(made["clients"], 1, "{made}");
    assert_eq!(made["clients_missing"], 0, "{made}");
    let listed = guest.run("slotbox backup list --json");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let host = listed["items"][0]["host"].as_str().unwrap();
    guest.run("mv /var/lib/slotbox/backups/vault /root/vault");
    guest.run("DEBIAN_FRONTEND=noninteractive apt-get purge --quiet --yes slotbox");
    guest.run("rm /var/backups/slotbox-purged-*.tar.gz; test ! -e /etc/slotbox; test -z \"$(docker ps -aq)\"");
    guest.run(
        "DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends \
         /root/newer.deb",
    );
    let told = guest.run(&format!(
        "slotbox backup restore --from /root/vault --identity /root/backup.key --host {host}"
    ));
    assert!(told.contains("settings: wrote /etc/slotbox/conf.d/50-setup.toml"), "{told}");
    guest.run("slotbox setup --yes");
    guest.until("serve is not well", "slotbox status --json | grep -q '\"database\"'");
    let modes = "stat -c '%a %U:%G' /etc/slotbox/conf.d/50-setup.toml \
                 /etc/slotbox/credentials/telegram.master_token /var/lib/slotbox/slotbox.redb";
    assert_eq!(guest.run(modes), "640 root:slotbox\n600 root:root\n600 slotbox:slotbox\n");
    let listed = guest.run("slotbox payments list --state settled --json");
    for payment in payments {
        assert!(listed.contains(payment), "{listed}");
    }
    customer.say("📋 Мои записи", "Ваши записи").await.unwrap();
}

/// Removed, the business is silent and its data stay; installed again, it goes on.
async fn goes_and_comes_back(guest: &Guest, customer: &Person, payments: &[String]) {
    without_the_engines_command(guest, "apt-get remove --quiet --yes slotbox");
    assert_eq!(guest.run("docker ps -q"), "");
    assert_ne!(guest.run("docker ps -aq"), "");
    guest.run("test -s /var/lib/slotbox/slotbox.redb");
    guest.run(
        "DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends \
         /root/newer.deb",
    );
    guest.run("systemctl start slotbox-https.socket slotbox-http.socket slotbox");
    guest.until("serve is not well", "slotbox status --json | grep -q '\"database\"'");
    let listed = guest.run("slotbox payments list --state settled --json");
    for payment in payments {
        assert!(listed.contains(payment), "{listed}");
    }
    customer.say("📋 Мои записи", "Ваши записи").await.unwrap();
}

/// Has the package go where the engine has no command: from Debian 13 on that is another package.
fn without_the_engines_command(guest: &Guest, command: &str) {
    guest.run(&format!(
        "mv /usr/bin/docker /root/docker\n\
         ! command -v docker\n\
         DEBIAN_FRONTEND=noninteractive {command}\n\
         mv /root/docker /usr/bin/docker"
    ));
}

fn is_purged(guest: &Guest) {
    without_the_engines_command(guest, "apt-get purge --quiet --yes slotbox");
    let left = guest.run(
        "ls -d /var/lib/slotbox /etc/slotbox /run/slotbox 2>/dev/null || true\n\
         docker ps -aq; docker volume ls -q; docker image ls -q\n\
         ls /etc/systemd/system/*/slotbox* 2>/dev/null || true\n\
         ls -d /sys/fs/cgroup/slotbox-clients /sys/fs/cgroup/*/slotbox-clients 2>/dev/null || true",
    );
    assert_eq!(left, "");
    let last = guest.run("tar -tzf /var/backups/slotbox-purged-*.tar.gz");
    for part in ["slotbox.redb", "client.redb", "credentials/sealing.key", "conf.d/50-setup.toml"] {
        assert!(last.contains(part), "{part}: {last}");
    }
}
