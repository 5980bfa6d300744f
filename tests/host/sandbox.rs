//! Telegram and YooKassa for a guest without a network: the simulators of the demo on fixed addresses.
//!
//! `sandbox TELEGRAM_ADDRESS YOOKASSA_ADDRESS DIRECTORY` makes two bots, writes their tokens and the
//! shop's key into the directory, each in a file of its own, with an `answers.toml` that names them,
//! and runs until it is ended. What people do there is told over HTTP, as `src/sandbox/telegram/control.rs` has it.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use slotbox::clock::Clock;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [telegram, shop, dir] = arguments.as_slice() else {
        return Err("sandbox TELEGRAM_ADDRESS YOOKASSA_ADDRESS DIRECTORY".into());
    };
    let telegram = TelegramSim::start_on(telegram.parse()?, Clock::system()).await?;
    let shop = YooKassaSim::start_on(shop.parse()?, Clock::system()).await?;
    let dir = PathBuf::from(dir);
    fs::create_dir_all(&dir)?;
    fs::write(dir.join("master.token"), telegram.add_bot("Slotbox Master", "slotbox_master_bot"))?;
    fs::write(dir.join("sales.token"), telegram.add_bot("Slotbox Sales", "slotbox_sales_bot"))?;
    fs::write(dir.join("shop.key"), shop.secret_key())?;
    let shown = dir.display();
    let answers = format!(
        "[telegram]\napi_url = '{}'\nmaster_token_file = '{shown}/master.token'\n\
         sales_token_file = '{shown}/sales.token'\n\
         [yookassa]\napi_url = '{}'\nshop_id = '{}'\nsecret_key_file = '{shown}/shop.key'\n",
        telegram.url(),
        shop.url(),
        shop.shop_id(),
    );
    fs::write(dir.join("answers.toml"), answers)?;
    tokio::signal::ctrl_c().await?;
    Ok(())
}
