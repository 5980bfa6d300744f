//! One host's life.

use std::path::Path;
use std::time::Instant;

use reqwest::Client;
use serde_json::Value;
use slotbox::external::vault::Identity;
use slotbox::sandbox::yookassa::Card;

use crate::guest::{Debian, Guest, package};
use crate::outside::{MASTER, Outside, SALES};
use crate::person::Person;
use crate::upgrade::{
    goes_back_after_a_refused_upgrade, is_not_downgraded_below_its_data, upgrades,
    upgrades_under_load,
};

const OPERATOR: i64 = 111;
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

/// Opens the ways out, and starts the authority for certificates.
fn connect(guest: &Guest, outside: &Outside) {
    let [telegram, yookassa] = outside.ports();
    let way = |name: &str, listen: &str, to: &str| {
        format!(
            "printf '[Socket]\\nListenStream={listen}\\nSocketMode=0666\\n[Install]\\n\
             WantedBy=sockets.target\\n' >/etc/systemd/system/out-{name}.socket\n\
             printf '[Service]\\nLimitNOFILE=65536\\nExecStart=/lib/systemd/systemd-socket-proxyd \
             --connections-max=4096 {to}\\n' \
             >/etc/systemd/system/out-{name}.service\n\
             systemctl enable --now --quiet out-{name}.socket\n"
        )
    };
    let ways = [
        way("telegram", &format!("127.0.0.1:{telegram}"), "/outside/telegram.sock"),
        way("yookassa", &format!("127.0.0.1:{yookassa}"), "/outside/yookassa.sock"),
        way("https", "/outside/https.sock", "127.0.0.1:443"),
    ];
    guest.run(&ways.concat());
    guest.run(PEBBLE);
}

/// An authority of the guest's own, which is always there.
const PEBBLE: &str = r#"
mkdir -p /etc/pebble && cd /etc/pebble
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=pebble-ca \
    -keyout ca.key -out ca.pem 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
    -keyout key.pem -out own.csr 2>/dev/null
printf 'subjectAltName=DNS:localhost\n' >own.ext
openssl x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile own.ext \
    -out cert.pem 2>/dev/null
cat >pebble.json <<'J'
{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
 "certificate": "/etc/pebble/cert.pem", "privateKey": "/etc/pebble/key.pem",
 "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "", "externalAccountBindingRequired": false}}
J
cat >/etc/systemd/system/pebble.service <<'U'
[Service]
Environment=PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0
ExecStart=/usr/bin/pebble -config /etc/pebble/pebble.json
[Install]
WantedBy=multi-user.target
U
systemctl enable --now --quiet pebble
"#;

fn install(guest: &Guest, package: &Path) {
    guest.put(package, "/root/slotbox.deb");
    let told = guest.run(
        "DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends \
         /root/slotbox.deb",
    );
    assert!(told.contains("now run: slotbox setup"), "{told}");
    let modes = "stat -c '%a %U:%G %n' /etc/slotbox/credentials /etc/slotbox/credentials/sealing.key \
                 /var/lib/slotbox";
    assert_eq!(
        guest.run(modes),
        "700 root:root /etc/slotbox/credentials\n\
         600 root:root /etc/slotbox/credentials/sealing.key\n\
         700 slotbox:slotbox /var/lib/slotbox\n"
    );
}

/// Sets the host up without a question, and has the first operator follow the link.
async fn set_up(guest: &Guest, outside: &Outside) {
    let (telegram, yookassa) = (outside.telegram.url(), outside.shop.url());
    let (master, sales) = (&outside.master_token, &outside.sales_token);
    let (shop, key) = (outside.shop.shop_id(), outside.shop.secret_key());
    let told = guest.run(&format!(
        "umask 077; cat >/root/answers.toml <<'E'\n\
         [server]\ndomain = 'bots.example.test'\nsupport = '@slotbox_support'\n\
         [tls]\nmode = 'acme'\ncontact = 'ops@example.test'\n\
         directory_url = 'https://localhost:14000/dir'\ndirectory_ca_file = '/etc/pebble/ca.pem'\n\
         [telegram]\napi_url = '{telegram}'\nmaster_token = '{master}'\n\
         sales_token = '{sales}'\n\
         [yookassa]\napi_url = '{yookassa}'\nshop_id = '{shop}'\nsecret_key = '{key}'\n\
         trusted_networks = ['127.0.0.0/8', '::1/128']\nE\n\
         slotbox setup --answers /root/answers.toml"
    ));
    assert!(told.contains("https://bots.example.test/yookassa/webhook"), "{told}");
    let (_, link) = told.split_once(&format!("https://t.me/{MASTER}?start=")).unwrap();
    let code = link.split_whitespace().next().unwrap();
    let operator = outside.person(MASTER, OPERATOR, "Мария");
    operator.say(&format!("/start {code}"), "оператор").await.unwrap();
    let late = outside.person(MASTER, OPERATOR + 1, "Чужая");
    late.say(&format!("/start {code}"), "").await.unwrap();
    let operators = guest.run("slotbox operators list --json");
    let is_one = |id: i64| operators.contains(&id.to_string());
    assert!(is_one(OPERATOR) && !is_one(OPERATOR + 1), "{operators}");
    let modes = "stat -c '%a %U:%G' /etc/slotbox/conf.d/50-setup.toml \
                 /etc/slotbox/credentials/telegram.master_token";
    assert_eq!(guest.run(modes), "640 root:slotbox\n600 root:root\n");
}

/// Waits for the certificate, and returns a client that trusts who gave it.
async fn certified(guest: &Guest, outside: &Outside) -> Client {
    guest.until(
        "there is no certificate",
        "openssl s_client -connect 127.0.0.1:443 -servername bots.example.test </dev/null \
         2>/dev/null | grep -Eq 'issuer=CN ?= ?Pebble'",
    );
    let root = guest.run("curl -sS --cacert /etc/pebble/ca.pem https://localhost:15000/roots/0");
    let client = outside.client(&root);
    let health: Value =
        client.get(outside.page("/health")).send().await.unwrap().json().await.unwrap();
    assert_eq!(health["status"], "healthy", "{health}");
    client
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
    customer.press(&last_button(customer, "d:"), "Выберите время").await.unwrap();
    customer.press(&last_button(customer, "t:"), "Проверьте").await.unwrap();
    customer.press("✅ Подтвердить", "Вы записаны").await.unwrap();
}

/// Returns the data of the last button of this kind.
fn last_button(customer: &Person, kind: &str) -> String {
    let messages = customer.0.messages();
    let buttons = messages.iter().flat_map(|message| message.buttons.iter().flatten());
    let mut data = buttons.filter_map(|button| button.data.as_ref());
    data.rfind(|data| data.starts_with(kind)).unwrap().clone()
}

/// What the guide tells an operator to type finds what it says.
fn the_journal_tells_it(guest: &Guest, payment: &str) {
    let settled = guest.run("journalctl -u slotbox SLOTBOX_EVENT=payment.settled -o json");
    let settled: Value = serde_json::from_str(settled.lines().next().unwrap()).unwrap();
    assert_eq!(settled["SLOTBOX_PAYMENT"], payment, "{settled}");
    assert_eq!(settled["PRIORITY"], "6");
    let client = settled["SLOTBOX_CLIENT"].as_str().unwrap();
    let story = guest.run(&format!("journalctl -u slotbox SLOTBOX_CLIENT={client} -o json"));
    for event in ["order.created", "payment.settled", "deploy.started", "deploy.succeeded"] {
        assert!(story.contains(&format!("\"SLOTBOX_EVENT\":\"{event}\"")), "{event}: {story}");
    }
    // What a container says is in the same journal, by the engine's own driver.
    let said = guest.run(&format!("journalctl CONTAINER_NAME=slotbox-{client} --no-pager"));
    assert!(said.lines().count() > 1, "{said}");
    // The catalog explains what went wrong, and how to mend it.
    let explained = guest.run("journalctl --list-catalog | grep -c 'Slotbox: '");
    assert!(explained.trim().parse::<usize>().unwrap() > 90, "{explained}");
    let inspected = guest.run("docker inspect $(docker ps -q)");
    let inspected: Value = serde_json::from_str(&inspected).unwrap();
    assert_eq!(inspected.as_array().unwrap().len(), 1);
    assert_eq!(inspected[0]["HostConfig"]["LogConfig"]["Type"], "journald");
}

/// No check fails; what cannot be told in a guest without a network is a warning.
fn the_doctor_finds_nothing(guest: &Guest) {
    let told = guest.tries("slotbox doctor --json");
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let found = told["checks"].as_array().unwrap();
    assert!(found.len() > 10, "{told:#}");
    let ill: Vec<_> = found.iter().filter(|it| it["verdict"] == "fail").collect();
    assert!(ill.is_empty(), "{ill:#?}");
    guest.run("mkdir -p /etc/systemd/system/slotbox.service.d");
    guest.run(
        "printf '[Service]\nProtectSystem=no\n' >/etc/systemd/system/slotbox.service.d/weak.conf\n\
         systemctl daemon-reload",
    );
    let told = guest.run("slotbox doctor");
    assert!(told.contains("weak.conf:2: ProtectSystem=no"), "{told}");
    guest.run("rm -r /etc/systemd/system/slotbox.service.d; systemctl daemon-reload");
}

fn the_units_are_hardened(guest: &Guest) {
    for (unit, most) in [("slotbox", 1.2), ("slotbox-deployer", 0.5)] {
        let told = guest.run(&format!(
            "systemd-analyze security --no-pager {unit}.service | sed -n 's/.*level for [^:]*: \
             \\([0-9.]*\\).*/\\1/p'"
        ));
        assert!(told.trim().parse::<f64>().unwrap() <= most, "{unit}: {told}");
        assert_eq!(guest.run(&format!("systemctl is-active {unit}")), "active\n");
    }
    let denied = guest.fails("setpriv --reuid slotbox --regid slotbox --clear-groups docker ps");
    assert!(denied.contains("permission denied"), "{denied}");
}

/// The deployer's unit has given all clients together their ceiling, and so would the slices.
fn clients_are_below_a_ceiling(guest: &Guest) {
    assert_eq!(guest.run("journalctl --quiet SLOTBOX_EVENT=deployer.no_ceiling | wc -l"), "0\n");
    let limit = guest.run(
        "cat /sys/fs/cgroup/memory/slotbox-clients/memory.limit_in_bytes 2>/dev/null ||
         cat /sys/fs/cgroup/slotbox-clients/memory.max",
    );
    let machine = guest.run("awk '/^MemTotal:/ { print $2 * 1024 }' /proc/meminfo");
    let [limit, machine] = [limit, machine].map(|it| it.trim().parse::<f64>().unwrap());
    assert!((0.7..0.8).contains(&(limit / machine)), "{limit} of {machine} bytes");
    let parent = "docker inspect --format '{{.HostConfig.CgroupParent}}' $(docker ps -q)";
    assert_eq!(guest.run(parent), "/slotbox-clients\n");
    let told = guest.run("slotbox doctor --json | tr '{' '\\n' | grep '\"ceiling\"'");
    assert!(told.contains("\"ok\""), "{told}");
    guest.run("systemctl start slotbox-clients.slice");
    let shown = "systemctl show --value -p MemoryMax slotbox-clients.slice";
    assert_ne!(guest.run(shown).trim(), "infinity");
    let weight = "systemctl show --value -p CPUWeight slotbox.slice";
    assert_eq!(guest.run(weight), "50\n");
}

/// Where systemd groups the containers, the package's slice is their ceiling: they lie below it, and
/// what they use counts there.
///
/// A guest's groups lie below this machine's. Where those are of the first version, the engine takes
/// the guest's for the machine's own, and puts what a container uses into a slice of the same name
/// beside the one that systemd holds; then the kernel's ceiling cannot be seen here.
fn clients_are_below_a_slice(guest: &Guest) {
    let parent = "docker inspect --format '{{.HostConfig.CgroupParent}}' $(docker ps -q)";
    assert_eq!(guest.run(parent), "slotbox-clients.slice\n");
    let shown = "systemctl show --value slotbox-clients.slice -p";
    let slice = guest.run(&format!("{shown} ControlGroup"));
    let slice = slice.trim();
    assert!(slice.ends_with("/slotbox.slice/slotbox-clients.slice"), "{slice}");
    let groups =
        guest.run("cat /proc/$(docker inspect --format '{{.State.Pid}}' $(docker ps -q))/cgroup");
    let below = |controller: &str| {
        let line = groups.lines().find(|line| line.contains(controller));
        let group = line.and_then(|line| line.splitn(3, ':').nth(2));
        group.and_then(|group| group.rsplit_once("/docker-")).map(|(slice, _)| slice.to_owned())
    };
    let told = guest
        .run(&format!("{shown} MemoryMax; awk '/^MemTotal:/ {{ print $2 * 1024 }}' /proc/meminfo"));
    let told: Vec<f64> = told.lines().map(|line| line.parse().unwrap()).collect();
    let [most, machine] = told[..] else { panic!("{told:?}") };
    assert!((0.7..0.8).contains(&(most / machine)), "{told:?}");

    let unified = below("0::").filter(|_| !groups.contains(":memory:"));
    let own = unified.clone().or_else(|| below(":name=systemd:"));
    assert_eq!(own.as_deref(), Some(slice), "{groups}");
    let counted = unified.clone().or_else(|| below(":memory:")).unwrap();
    assert!(counted.ends_with("/slotbox.slice/slotbox-clients.slice"), "{groups}");
    let (dir, used, limit) = match unified {
        Some(_) => ("/sys/fs/cgroup", "memory.current", "memory.max"),
        None => ("/sys/fs/cgroup/memory", "memory.usage_in_bytes", "memory.limit_in_bytes"),
    };
    let read = |file| guest.run(&format!("cat {dir}{counted}/{file}")).trim().to_owned();
    let used: f64 = read(used).parse().unwrap();
    assert!((1e6..2e8).contains(&used), "{used}: {groups}");
    if counted == slice {
        assert!((read(limit).parse::<f64>().unwrap() - most).abs() < 1.0, "{}", read(limit));
        let told = guest.run("slotbox doctor --json | tr '{' '\\n' | grep '\"ceiling\"'");
        assert!(told.contains("\"ok\""), "{told}");
    }
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
