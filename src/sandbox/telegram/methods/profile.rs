//! What a bot is and says about itself.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::answer::{Answer, Refusal};
use super::super::text::utf16;
use super::Call;

/// How long the cloud refuses a bot that has logged out of it.
const LOGGED_OUT: SignedDuration = SignedDuration::from_mins(10);

/// The most commands in one scope and language.
const MAX_COMMANDS: usize = 100;

/// Performs a method of this family; `None` if it is not of this family.
pub(super) fn perform(call: &mut Call<'_>, name: &str) -> Option<Answer> {
    Some(match name {
        "setmycommands" => set_commands(call),
        "getmycommands" => get_commands(call),
        "deletemycommands" => delete_commands(call),
        "setmyname" => set_text(call, "name", 64),
        "getmyname" => get_text(call, "name"),
        "setmydescription" => set_text(call, "description", 512),
        "getmydescription" => get_text(call, "description"),
        "setmyshortdescription" => set_text(call, "short_description", 120),
        "getmyshortdescription" => get_text(call, "short_description"),
        "setchatmenubutton" => set_menu(call),
        "getchatmenubutton" => get_menu(call),
        _ => return None,
    })
}

/// `getMe`.
pub(super) fn get_me(call: &mut Call<'_>) -> Answer {
    let mut me = call.bot()?.user();
    for field in ["can_join_groups", "can_read_all_group_messages", "supports_inline_queries"] {
        me[field] = json!(field == "can_join_groups");
    }
    for field in ["can_connect_to_business", "has_main_web_app", "has_topics_enabled"] {
        me[field] = json!(false);
    }
    for field in ["allows_users_to_create_topics", "can_manage_bots"] {
        me[field] = json!(false);
    }
    Ok(me)
}

/// `logOut`.
pub(super) fn log_out(call: &mut Call<'_>) -> Answer {
    let until = call.world.now() + LOGGED_OUT;
    let bot = call.bot()?;
    bot.logged_out_until = Some(until);
    bot.wake();
    Ok(true.into())
}

/// Returns the scope and the language that commands are for.
fn commands_key(call: &Call<'_>) -> Result<(String, String), Refusal> {
    let scope = call.params.json("scope", "BotCommandScope JSON object")?;
    let scope = scope.filter(|scope| scope["type"] != "default");
    Ok((
        scope.map_or_else(String::new, |scope| scope.to_string()),
        call.params.text("language_code"),
    ))
}

fn set_commands(call: &mut Call<'_>) -> Answer {
    let key = commands_key(call)?;
    let commands = call.params.json("commands", "commands JSON object")?.unwrap_or_default();
    let list = commands
        .as_array()
        .ok_or_else(|| Refusal::bad_request("expected an Array of BotCommand"))?;
    if list.len() > MAX_COMMANDS {
        return Err(Refusal::bad_request("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in list {
        let name = command["command"].as_str().unwrap_or_default();
        let name = name.strip_prefix('/').unwrap_or(name);
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !(1..=32).contains(&name.len()) || !name.chars().all(letter) {
            return Err(Refusal::bad_request("BOT_COMMAND_INVALID"));
        }
        let description = command["description"].as_str().unwrap_or_default();
        if !(1..=256).contains(&utf16(description)) {
            return Err(Refusal::bad_request("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    call.bot()?.profile.commands.insert(key, commands);
    Ok(true.into())
}

fn get_commands(call: &mut Call<'_>) -> Answer {
    let key = commands_key(call)?;
    Ok(call.bot()?.profile.commands.get(&key).cloned().unwrap_or_else(|| json!([])))
}

fn delete_commands(call: &mut Call<'_>) -> Answer {
    let key = commands_key(call)?;
    call.bot()?.profile.commands.remove(&key);
    Ok(true.into())
}

fn set_text(call: &mut Call<'_>, field: &'static str, longest: usize) -> Answer {
    let text = call.params.text(field);
    let language = call.params.text("language_code");
    if utf16(&text) > longest {
        return Err(Refusal::bad_request(format!("{field} is too long")));
    }
    let bot = call.bot()?;
    if field == "name" && language.is_empty() && !text.is_empty() {
        bot.name.clone_from(&text);
    }
    bot.profile.texts.insert((field, language), text);
    Ok(true.into())
}

fn get_text(call: &mut Call<'_>, field: &'static str) -> Answer {
    let language = call.params.text("language_code");
    let bot = call.bot()?;
    let texts = &bot.profile.texts;
    let own = |language: String| texts.get(&(field, language)).filter(|text| !text.is_empty());
    let text = own(language).or_else(|| own(String::new())).cloned();
    let default = || if field == "name" { bot.name.clone() } else { String::new() };
    Ok(json!({field: text.unwrap_or_else(default)}))
}

fn set_menu(call: &mut Call<'_>) -> Answer {
    let chat = call.params.integer("chat_id").unwrap_or(0);
    let menu = call.params.json("menu_button", "MenuButton JSON object")?;
    let menu = menu.unwrap_or_else(|| json!({"type": "default"}));
    if !["default", "commands", "web_app"].iter().any(|kind| menu["type"] == *kind) {
        return Err(Refusal::bad_request("can't parse menu button: wrong type specified"));
    }
    call.bot()?.profile.menus.insert(chat, menu);
    Ok(true.into())
}

fn get_menu(call: &mut Call<'_>) -> Answer {
    let chat = call.params.integer("chat_id").unwrap_or(0);
    let menus = &call.bot()?.profile.menus;
    let menu: Option<&Value> = menus.get(&chat).or_else(|| menus.get(&0));
    Ok(menu.cloned().unwrap_or_else(|| json!({"type": "commands"})))
}
