//! Texts with entities: what markup becomes, and what is refused.

mod html;
mod markdown;

use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::params::Params;

/// The longest text of a message, in UTF-16 units.
pub(super) const MAX_TEXT: usize = 4096;

/// The longest caption, in UTF-16 units.
pub(super) const MAX_CAPTION: usize = 1024;

/// A text without markup, and what the markup said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Formatted {
    pub(super) text: String,
    pub(super) entities: Vec<Entity>,
}

/// A stretch of a text with a meaning; offsets count UTF-16 units.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entity {
    pub(super) kind: String,
    pub(super) offset: usize,
    pub(super) length: usize,
    /// A link's address, a code's language.
    pub(super) extra: Map<String, Value>,
}

impl Entity {
    pub(super) fn new(kind: &str, offset: usize, length: usize) -> Self {
        Self { kind: kind.to_owned(), offset, length, extra: Map::new() }
    }

    fn with(mut self, field: &str, value: &str) -> Self {
        self.extra.insert(field.to_owned(), value.into());
        self
    }

    /// Returns the entity as a `MessageEntity`.
    pub(super) fn json(&self) -> Value {
        let mut json = self.extra.clone();
        json.insert("type".to_owned(), self.kind.clone().into());
        json.insert("offset".to_owned(), self.offset.into());
        json.insert("length".to_owned(), self.length.into());
        json.into()
    }

    fn from_json(json: &Value) -> Option<Self> {
        let number = |field: &str| usize::try_from(json[field].as_u64()?).ok();
        let mut extra = json.as_object()?.clone();
        extra.retain(|field, _| !["type", "offset", "length"].contains(&field.as_str()));
        let kind = json["type"].as_str()?.to_owned();
        Some(Self { kind, offset: number("offset")?, length: number("length")?, extra })
    }
}

impl Formatted {
    /// Reads the text `field` of a request, its `parse_mode` and its `entities`.
    pub(super) fn read(params: &Params, field: &str, entities: &str) -> Result<Self, Refusal> {
        let raw = params.text(field);
        let mode = params.text("parse_mode");
        let parsed = match mode.to_ascii_lowercase().as_str() {
            "" => return Ok(Self::plain(&raw, given_entities(params, entities)?)),
            "html" => html::parse(&raw),
            "markdownv2" => markdown::parse(&raw),
            _ => return Err(Refusal::bad_request("unsupported parse_mode")),
        };
        let (text, entities) =
            parsed.map_err(|why| Refusal::bad_request(format!("can't parse entities: {why}")))?;
        Ok(Self::plain(&text, entities))
    }

    /// Makes a text as a person writes it.
    pub(super) fn written(text: &str) -> Self {
        Self::plain(text, Vec::new())
    }

    /// Returns how long the text is for Telegram.
    pub(super) fn length(&self) -> usize {
        utf16(&self.text)
    }

    /// Trims the ends, as Telegram does, and finds commands.
    fn plain(text: &str, entities: Vec<Entity>) -> Self {
        let cut = utf16(text) - utf16(text.trim_start());
        let text = text.trim().to_owned();
        let length = utf16(&text);
        let mut kept: Vec<Entity> =
            entities.into_iter().filter_map(|e| clip(e, cut, length)).collect();
        for command in commands(&text) {
            let taken = |entity: &Entity| overlap(entity, &command);
            if !kept.iter().any(taken) {
                kept.push(command);
            }
        }
        kept.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
        Self { text, entities: kept }
    }
}

/// Returns the length of a text in UTF-16 units.
pub(super) fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

fn clip(mut entity: Entity, cut: usize, length: usize) -> Option<Entity> {
    let end = entity.offset.saturating_add(entity.length).saturating_sub(cut).min(length);
    entity.offset = entity.offset.saturating_sub(cut);
    entity.length = end.checked_sub(entity.offset).filter(|length| *length > 0)?;
    Some(entity)
}

fn overlap(one: &Entity, other: &Entity) -> bool {
    one.offset < other.offset + other.length && other.offset < one.offset + one.length
}

fn given_entities(params: &Params, field: &str) -> Result<Vec<Entity>, Refusal> {
    let Some(json) = params.json(field, "entities JSON object")? else { return Ok(Vec::new()) };
    let wrong = || Refusal::bad_request("can't parse MessageEntity");
    let list = json.as_array().ok_or_else(wrong)?;
    list.iter().map(|entity| Entity::from_json(entity).ok_or_else(wrong)).collect()
}

/// Returns the commands in a text: a slash at the start of a word, and up to 32 letters.
fn commands(text: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        if let Some(rest) = word.trim_end().strip_prefix('/') {
            let letters = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
            let name = rest.chars().take_while(letters).count();
            let after = &rest[name..];
            let address = after.strip_prefix('@').map(|to| to.chars().take_while(letters).count());
            let end = &after[address.map_or(0, |length| length + 1)..];
            let ended =
                end.is_empty() || end.starts_with(|c: char| c.is_ascii_punctuation() && c != '/');
            if (1..=32).contains(&name) && ended {
                let length = 1 + name + address.map_or(0, |length| length + 1);
                found.push(Entity::new("bot_command", offset, length));
            }
        }
        offset += utf16(word);
    }
    found
}

/// Checks that a message's text is neither empty nor too long; `too_long` is what it is then.
pub(super) fn check_text(text: &Formatted, too_long: &str) -> Result<(), Refusal> {
    if text.text.is_empty() {
        return Err(Refusal::bad_request("message text is empty"));
    }
    if text.length() > MAX_TEXT {
        return Err(Refusal::bad_request(too_long));
    }
    Ok(())
}

/// Checks that a caption is not too long.
pub(super) fn check_caption(caption: &Formatted) -> Result<(), Refusal> {
    if caption.length() > MAX_CAPTION {
        return Err(Refusal::bad_request("message caption is too long"));
    }
    Ok(())
}

/// Puts a field of text into a JSON object unless it is empty.
pub(super) fn set_given(json: &mut Value, field: &str, text: Option<String>) {
    if let Some(text) = text {
        json[field] = json!(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_at_the_start_of_words() {
        let spans = |text: &str| {
            let entities = Formatted::written(text).entities;
            entities.iter().map(|entity| (entity.offset, entity.length)).collect::<Vec<_>>()
        };
        assert_eq!(spans("/start a1"), [(0, 6)]);
        assert_eq!(spans("  ❤️ /help@my_bot, /stop"), [(3, 12), (17, 5)]);
        assert_eq!(spans("1/2 // /привет /"), []);
    }

    #[test]
    fn ends_are_trimmed_with_their_entities() {
        let entities = vec![Entity::new("bold", 0, 4), Entity::new("italic", 0, 2)];
        let formatted = Formatted::plain("  ab  ", entities);
        assert_eq!(formatted.text, "ab");
        assert_eq!(formatted.entities, [Entity::new("bold", 0, 2)]);
    }
}
