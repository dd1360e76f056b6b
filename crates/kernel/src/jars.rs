//! The cookies of each user: cleared per iteration, back to what `@user_start` left.

use crate::cookies::Jar;
use crate::schedule::UserId;

#[derive(Default)]
struct UserCookies {
    now: Jar,
    start: Option<Box<Jar>>,
}

/// Users without cookies cost one pointer each.
#[derive(Default)]
pub struct Jars {
    users: Vec<Option<Box<UserCookies>>>,
}

impl Jars {
    /// The user's jar, if it ever had a cookie.
    pub fn get(&self, user: UserId) -> Option<&Jar> {
        self.users.get(user as usize)?.as_ref().map(|cookies| &cookies.now)
    }

    pub fn get_mut(&mut self, user: UserId) -> &mut Jar {
        if self.users.len() <= user as usize {
            self.users.resize_with(user as usize + 1, || None);
        }
        &mut self.users[user as usize].get_or_insert_with(Box::default).now
    }

    /// A new iteration: what came since `remember_start` is forgotten.
    pub fn reset(&mut self, user: UserId) {
        if let Some(Some(cookies)) = self.users.get_mut(user as usize) {
            match &cookies.start {
                Some(start) => cookies.now.clone_from(start),
                None => cookies.now.clear(),
            }
        }
    }

    /// `@user_start` is done: its cookies stay for all iterations.
    pub fn remember_start(&mut self, user: UserId) {
        if let Some(Some(cookies)) = self.users.get_mut(user as usize) {
            cookies.start = Some(Box::new(cookies.now.clone()));
        }
    }
}
