//! The servers a run talks to: each origin once, with what every request to it starts with.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::http1::request::HeaderPrefix;
use crate::url::Origin;

pub type OriginId = u32;

#[derive(Default)]
pub struct Origins {
    entries: Vec<(Arc<Origin>, Rc<HeaderPrefix>)>,
    by_origin: HashMap<Origin, OriginId>,
}

impl Origins {
    pub fn intern(&mut self, origin: &Origin) -> OriginId {
        if let Some(id) = self.by_origin.get(origin) {
            return *id;
        }
        let id = self.entries.len() as OriginId;
        self.entries.push((Arc::new(origin.clone()), Rc::new(HeaderPrefix::new(origin))));
        self.by_origin.insert(origin.clone(), id);
        id
    }

    pub fn any_https(&self) -> bool {
        self.entries.iter().any(|(origin, _)| origin.is_https())
    }

    pub fn origin(&self, id: OriginId) -> &Arc<Origin> {
        &self.entries[id as usize].0
    }

    pub fn prefix(&self, id: OriginId) -> &Rc<HeaderPrefix> {
        &self.entries[id as usize].1
    }
}
