//! What can be asked for: each route with its handler and all that is to be known of it. The
//! router and `openapi.json` are made of the same list, so neither has what the other has not.

use axum::Router;
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::routing::{self, MethodRouter};
use serde_json::Value;

use super::Shared;
use super::problem::Kind;
use super::shape::{Body, IdempotencyKey, Parts, Shape};

/// A route under one method.
pub(super) struct Operation {
    pub(super) method: &'static str,
    /// Below the router that it stands in.
    pub(super) path: &'static str,
    /// Names it for programs.
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) about: &'static str,
    pub(super) tag: &'static str,
    pub(super) params: Vec<Param>,
    pub(super) body: Option<BodyOf>,
    pub(super) answers: Vec<Answer>,
    pub(super) problems: Vec<Kind>,
    /// Whether its answers go out as they are, without the headers that all others have.
    pub(super) is_bare: bool,
    route: MethodRouter<Shared>,
}

/// A parameter in the path, the query or a header.
pub(super) struct Param {
    pub(super) name: &'static str,
    pub(super) place: &'static str,
    pub(super) about: &'static str,
    pub(super) schema: fn(&mut Parts) -> Value,
    pub(super) sample: Option<fn() -> Value>,
}

/// The body that it takes.
pub(super) struct BodyOf {
    pub(super) needed: bool,
    pub(super) schema: fn(&mut Parts) -> Value,
    pub(super) sample: fn() -> Value,
}

/// How it is answered when all is well, or when it says what is wrong in words of its own.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) about: &'static str,
    pub(super) content: Option<Content>,
    /// Whether `Location` says where to look next.
    pub(super) has_location: bool,
    pub(super) links: Vec<Link>,
}

/// What an answer holds.
pub(super) struct Content {
    pub(super) media: &'static str,
    pub(super) schema: fn(&mut Parts) -> Value,
    pub(super) sample: Option<fn() -> Value>,
}

/// What can be asked for next with a value from the answer.
#[derive(Clone, Copy)]
pub(super) struct Link {
    /// Where the value is: a JSON pointer into the body.
    pub(super) from: &'static str,
    /// The operations that take it as `id`.
    pub(super) to: &'static [&'static str],
}

impl Operation {
    pub(super) fn get<H, T>(path: &'static str, id: &'static str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        Self::new("get", path, id, routing::get(handler))
    }

    pub(super) fn post<H, T>(path: &'static str, id: &'static str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        Self::new("post", path, id, routing::post(handler))
    }

    pub(super) fn patch<H, T>(path: &'static str, id: &'static str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        Self::new("patch", path, id, routing::patch(handler))
    }

    pub(super) fn delete<H, T>(path: &'static str, id: &'static str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        Self::new("delete", path, id, routing::delete(handler))
    }

    fn new(
        method: &'static str,
        path: &'static str,
        id: &'static str,
        route: MethodRouter<Shared>,
    ) -> Self {
        Self {
            method,
            path,
            id,
            summary: "",
            about: "",
            tag: "",
            params: Vec::new(),
            body: None,
            answers: Vec::new(),
            problems: Vec::new(),
            is_bare: false,
            route,
        }
    }

    /// Says what it does, in one line and in a few.
    pub(super) fn does(mut self, summary: &'static str, about: &'static str) -> Self {
        (self.summary, self.about) = (summary, about);
        self
    }

    /// The path names one of these.
    pub(super) fn on<T: Shape>(mut self, about: &'static str) -> Self {
        let sample = Some(T::sample as fn() -> Value);
        self.params.push(Param { name: "id", place: "path", about, schema: T::schema, sample });
        self.problems.extend([Kind::MalformedRequest, Kind::NotFound]);
        self
    }

    /// The query may say this.
    pub(super) fn query<T: Shape>(mut self, name: &'static str, about: &'static str) -> Self {
        self.params.push(Param { name, place: "query", about, schema: T::schema, sample: None });
        self.problems.push(Kind::MalformedRequest);
        self
    }

    /// The query must say this.
    pub(super) fn needs<T: Shape>(mut self, name: &'static str, about: &'static str) -> Self {
        let sample = Some(T::sample as fn() -> Value);
        self.params.push(Param { name, place: "query", about, schema: T::schema, sample });
        self
    }

    /// A place of the request says this, and the operation sees to it itself.
    pub(super) fn told<T: Shape>(
        mut self,
        place: &'static str,
        name: &'static str,
        about: &'static str,
    ) -> Self {
        let sample = Some(T::sample as fn() -> Value);
        self.params.push(Param { name, place, about, schema: T::schema, sample });
        self
    }

    /// A header may say this.
    pub(super) fn header<T: Shape>(mut self, name: &'static str, about: &'static str) -> Self {
        self.params.push(Param { name, place: "header", about, schema: T::schema, sample: None });
        self.problems.push(Kind::MalformedRequest);
        self
    }

    /// It has its effect once for each `Idempotency-Key`.
    pub(super) fn once(self) -> Self {
        let about = "Names the request: sent again with the same key, it has no second effect and \
            is answered the same, for a week. Take a new key for each new request.";
        self.header::<IdempotencyKey>("Idempotency-Key", about).refuses(&[Kind::KeyReused])
    }

    /// It takes this body.
    pub(super) fn takes<T: Body>(mut self) -> Self {
        self.body = Some(BodyOf { needed: T::NEEDED, schema: T::schema, sample: T::sample });
        self.problems.extend([
            Kind::MalformedRequest,
            Kind::BodyTooSlow,
            Kind::BodyTooLarge,
            Kind::NotJson,
            Kind::InvalidBody,
        ]);
        self
    }

    /// Nothing is added to its answers.
    pub(super) fn bare(mut self) -> Self {
        self.is_bare = true;
        self
    }

    /// It takes this body and refuses others in words of its own.
    pub(super) fn reads<T: Shape>(mut self) -> Self {
        self.body = Some(BodyOf { needed: true, schema: T::schema, sample: T::sample });
        self
    }

    /// It answers with this, as JSON, also where it refuses.
    pub(super) fn says<T: Shape>(self, status: StatusCode, about: &'static str) -> Self {
        let content = Content { media: "application/json", schema: T::schema, sample: None };
        self.answers_with(status, about, Some(content))
    }

    /// It answers with this, as JSON.
    pub(super) fn gives<T: Shape>(self, status: StatusCode, about: &'static str) -> Self {
        let sample = Some(T::sample as fn() -> Value);
        let content = Content { media: "application/json", schema: T::schema, sample };
        self.answers_with(status, about, Some(content))
    }

    /// It answers with a text of this kind.
    pub(super) fn shows(
        self,
        status: StatusCode,
        media: &'static str,
        about: &'static str,
    ) -> Self {
        let content = Content { media, schema: String::schema, sample: None };
        self.answers_with(status, about, Some(content))
    }

    fn answers_with(
        mut self,
        status: StatusCode,
        about: &'static str,
        content: Option<Content>,
    ) -> Self {
        let links = Vec::new();
        self.answers.push(Answer { status, about, content, has_location: false, links });
        self
    }

    /// `Location` of the last answer says where to look next.
    pub(super) fn located(mut self) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.has_location = true;
        }
        self
    }

    /// A value of the last answer leads to other operations.
    pub(super) fn leads(mut self, from: &'static str, to: &'static [&'static str]) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.links.push(Link { from, to });
        }
        self
    }

    /// It may be refused for these reasons.
    pub(super) fn refuses(mut self, kinds: &[Kind]) -> Self {
        self.problems.extend(kinds);
        self
    }
}

/// Puts operations under one heading of the documentation.
pub(super) fn tagged(
    tag: &'static str,
    operations: impl IntoIterator<Item = Operation>,
) -> impl Iterator<Item = Operation> {
    operations.into_iter().map(move |operation| Operation { tag, ..operation })
}

/// Makes the router of the operations.
pub(super) fn routes(operations: impl IntoIterator<Item = Operation>) -> Router<Shared> {
    let add = |router: Router<Shared>, it: Operation| router.route(it.path, it.route);
    operations.into_iter().fold(Router::new(), add)
}
