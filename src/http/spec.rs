//! `GET /openapi.json`: `OpenAPI` 3.1, made of the operations and the shapes of the code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::operation::{Answer, Link, Operation, Param};
use super::problem::{self, Kind};
use super::shape::{Parts, Shape};
use crate::config::Config;

const ABOUT: &str = "What programs may ask and do. Every call carries `Authorization: Bearer` and \
    the token that is set as `api.token`. Times are RFC 3339 in UTC, money is text with two \
    decimals, absent values are `null`. Lists are `{\"items\": [...], \"next\": cursor or null}`, \
    newest first; give `next` back as `cursor` for the next page. What goes wrong is told as a \
    problem document (RFC 9457): `type` is for programs and never changes, `request_id` stands in \
    the log too. Every POST takes an `Idempotency-Key`: the same key with the same request has its \
    effect once and is answered the same for a week; with another request it is refused.";

/// What the settings add to the document.
pub(super) struct Terms {
    /// The ids of the plans that are sold.
    pub(super) plans: Vec<String>,
    /// Whether the shop gives receipts, and so needs the buyer's address.
    pub(super) receipts: bool,
}

impl Terms {
    pub(super) fn of(config: &Config) -> Self {
        let plans = config.plans.plans().iter().map(|plan| plan.id.to_string()).collect();
        Self { plans, receipts: config.yookassa.receipt.is_some() }
    }
}

/// Makes the document of the operations below `/api` and of those that need no token.
pub(super) fn document(api: &[Operation], open: &[Operation], terms: Terms) -> Value {
    let mut parts = Parts::new(terms.plans);
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let below_api = api.iter().map(|operation| ("/api", operation));
    for (base, operation) in below_api.chain(open.iter().map(|operation| ("", operation))) {
        let told = tell(operation, &mut parts, base == "/api");
        let path = paths.entry(format!("{base}{}", operation.path)).or_default();
        path.insert(operation.method.to_owned(), told);
    }
    let mut schemas = parts.into_named();
    if terms.receipts
        && let Some(required) = schemas.get_mut("NewOrder").and_then(|it| it.get_mut("required"))
        && let Some(required) = required.as_array_mut()
    {
        required.push(json!("email"));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Slotbox",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags(api, open),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    })
}

fn tags(api: &[Operation], open: &[Operation]) -> Value {
    let mut seen = Vec::new();
    for operation in api.iter().chain(open) {
        if !seen.contains(&operation.tag) {
            seen.push(operation.tag);
        }
    }
    seen.into_iter().map(|tag| json!({"name": tag})).collect()
}

fn tell(operation: &Operation, parts: &mut Parts, needs_token: bool) -> Value {
    let mut told = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "description": operation.about,
        "tags": [operation.tag],
        "responses": responses(operation, parts, needs_token),
        "security": if needs_token { json!([{"token": []}]) } else { json!([]) },
    });
    if !operation.params.is_empty() {
        told["parameters"] = operation.params.iter().map(|it| parameter(it, parts)).collect();
    }
    if let Some(body) = &operation.body {
        told["requestBody"] = json!({
            "required": body.needed,
            "content": {"application/json": {
                "schema": (body.schema)(parts),
                "example": (body.sample)(),
            }},
        });
    }
    told
}

fn parameter(param: &Param, parts: &mut Parts) -> Value {
    let mut told = json!({
        "name": param.name,
        "in": param.place,
        "required": param.sample.is_some(),
        "description": param.about,
        "schema": (param.schema)(parts),
    });
    if let Some(sample) = param.sample {
        told["example"] = sample();
    }
    told
}

fn responses(operation: &Operation, parts: &mut Parts, needs_token: bool) -> Value {
    let mut told = Map::new();
    for it in &operation.answers {
        told.insert(it.status.as_u16().to_string(), answer(it, parts, operation.is_bare));
    }
    let mut kinds: BTreeSet<Kind> = operation.problems.iter().copied().collect();
    if needs_token {
        kinds.extend([Kind::Unauthorized, Kind::NotAcceptable, Kind::TooMany, Kind::Internal]);
    }
    let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
    for kind in kinds {
        by_status.entry(kind.status().as_u16()).or_default().push(kind);
    }
    for (status, kinds) in by_status {
        told.entry(status.to_string()).or_insert_with(|| refusal(&kinds, parts));
    }
    Value::Object(told)
}

fn answer(answer: &Answer, parts: &mut Parts, is_bare: bool) -> Value {
    let mut told = json!({"description": answer.about});
    if !is_bare {
        told["headers"] = headers();
    }
    if answer.has_location {
        told["headers"]["Location"] = json!({
            "required": true,
            "description": "Where to look next.",
            "schema": {"type": "string", "pattern": "^/api/"},
        });
    }
    if let Some(content) = &answer.content {
        let mut media = json!({"schema": (content.schema)(parts)});
        if let Some(sample) = content.sample {
            media["example"] = sample();
        }
        told["content"] = json!({content.media: media});
    }
    if !answer.links.is_empty() {
        told["links"] = links(&answer.links);
    }
    told
}

fn headers() -> Value {
    json!({"x-request-id": {
        "required": true,
        "description": "Names the request here and in the log.",
        "schema": {"type": "string", "pattern": "^r_[0-9a-f]{16}$"},
    }})
}

fn links(links: &[Link]) -> Value {
    let mut told = Map::new();
    for link in links {
        for to in link.to {
            let value = format!("$response.body#{}", link.from);
            // An order names its client in the body; all others name what they are about in the path.
            let how = if *to == "create_order" {
                json!({"operationId": to, "requestBody": {"client_id": value, "plan_id": "1m"}})
            } else {
                json!({"operationId": to, "parameters": {"id": value}})
            };
            let name = format!("{to}_of{}", link.from.replace('/', "_"));
            told.insert(name, how);
        }
    }
    Value::Object(told)
}

/// Tells of the problems that share a status.
fn refusal(kinds: &[Kind], parts: &mut Parts) -> Value {
    let meanings: Vec<_> =
        kinds.iter().map(|it| format!("`{}`: {}", it.name(), it.meaning())).collect();
    let types: Vec<_> = kinds.iter().map(|it| it.uri()).collect();
    let status = kinds[0].status().as_u16();
    let example = problem::sample(kinds[0]);
    let mut headers = headers();
    if kinds.contains(&Kind::Unauthorized) {
        headers["WWW-Authenticate"] =
            json!({"required": true, "schema": {"type": "string", "const": "Bearer"}});
    }
    if kinds.iter().any(|it| it.comes_with_pause()) {
        headers["Retry-After"] = json!({
            "required": true,
            "description": "After how many seconds to try again.",
            "schema": {"type": "integer", "minimum": 1},
        });
    }
    json!({
        "description": meanings.join("\n\n"),
        "headers": headers,
        "content": {"application/problem+json": {
            "schema": {"allOf": [
                problem::ProblemView::schema(parts),
                {"properties": {"type": {"enum": types}, "status": {"const": status}}},
            ]},
            "example": example,
        }},
    })
}
