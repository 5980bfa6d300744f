//! What an owner sets: hours, services, and the end of the guided set-up.

use jiff::civil::Weekday;

use super::client_deps::ClientDeps;
use crate::domain::locale::Locale;
use crate::domain::schedule::{DayKind, Hours};
use crate::domain::service::{MOST_SERVICES, Service, ServiceId, Visit};
use crate::domain::settings::{SetUp, Settings};
use crate::store::{Store, StoreError, Txn, services, settings};

/// Why a service was not put on the list.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The list is full.
    #[error("there are {MOST_SERVICES} services already")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a service was not taken off the list.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// It is not on the list.
    #[error("the service is not offered")]
    NotOffered,
    /// It is the only one, and without any nobody could book.
    #[error("the last service cannot be removed")]
    Last,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a new client's bot ready to take bookings: with the usual hours and one usual service.
///
/// Safe to repeat: a bot that was ready before is left as it is.
///
/// # Errors
///
/// Returns [`StoreError`], and nothing is changed.
pub async fn open_shop(store: &Store, locale: Locale) -> Result<(), StoreError> {
    store
        .write(move |txn| {
            if settings::find(txn)?.is_none() {
                settings::put(txn, &Settings::default())?;
                services::add(txn, &Visit::usual(locale))?;
            }
            Ok(())
        })
        .await
}

/// Makes `day` a working day or a day off, and returns the settings as they are then. Bookings that
/// exist stay.
///
/// # Errors
///
/// Returns [`StoreError`], and nothing is changed.
pub async fn set_day(
    deps: &ClientDeps,
    day: Weekday,
    kind: DayKind,
) -> Result<Settings, StoreError> {
    change(deps, move |settings| settings.schedule.set_weekday(day, kind)).await
}

/// Gives all working days the hours `hours`, and returns the settings as they are then.
///
/// # Errors
///
/// As [`set_day`].
pub async fn set_hours(deps: &ClientDeps, hours: Hours) -> Result<Settings, StoreError> {
    change(deps, move |settings| settings.schedule.set_hours(hours)).await
}

/// Has the bot speak another language from now on.
///
/// # Errors
///
/// As [`set_day`].
pub async fn set_language(deps: &ClientDeps, language: Locale) -> Result<Settings, StoreError> {
    change(deps, move |settings| settings.language = Some(language)).await
}

/// Ends the guided set-up.
///
/// # Errors
///
/// As [`set_day`].
pub async fn finish(deps: &ClientDeps) -> Result<Settings, StoreError> {
    change(deps, |settings| settings.set_up = SetUp::Done).await
}

/// Puts a service on the list. During the guided set-up it takes the place of the usual one, and
/// the set-up is done.
///
/// Safe to repeat: what is on the list already is not put there twice.
///
/// # Errors
///
/// Returns [`AddError`], and nothing is changed.
pub async fn add_service(deps: &ClientDeps, visit: Visit) -> Result<ServiceId, AddError> {
    deps.store.write(move |txn| add_in(txn, &visit)).await
}

/// Takes a service off the list; its bookings stay.
///
/// # Errors
///
/// Returns [`RemoveError`], and nothing is changed.
pub async fn remove_service(deps: &ClientDeps, id: ServiceId) -> Result<Service, RemoveError> {
    deps.store
        .write(move |txn| {
            let service = services::get(txn, id)?.ok_or(RemoveError::NotOffered)?;
            if services::list(txn)?.len() == 1 {
                return Err(RemoveError::Last);
            }
            services::withdraw(txn, &service)?;
            Ok(service)
        })
        .await
}

fn add_in(txn: &Txn<'_>, visit: &Visit) -> Result<ServiceId, AddError> {
    let mut settings = settings::get(txn)?;
    let listed = services::list(txn)?;
    let known = listed.iter().find(|service| service.visit == *visit).map(|service| service.id);
    if known.is_none() && listed.len() >= usize::from(MOST_SERVICES) {
        return Err(AddError::TooMany);
    }
    let id = match known {
        Some(id) => id,
        None => services::add(txn, visit)?,
    };
    if settings.set_up == SetUp::Open {
        for usual in listed.iter().filter(|it| it.visit.is_usual() && it.id != id) {
            services::withdraw(txn, usual)?;
        }
        settings.set_up = SetUp::Done;
        settings::put(txn, &settings)?;
    }
    Ok(id)
}

async fn change(
    deps: &ClientDeps,
    work: impl Fn(&mut Settings) + Send + 'static,
) -> Result<Settings, StoreError> {
    deps.store
        .write(move |txn| {
            let mut settings = settings::get(txn)?;
            work(&mut settings);
            settings::put(txn, &settings)?;
            Ok(settings)
        })
        .await
}
