use l0_http::Client;
use warp::http::HeaderMap;

use crate::documents::parse_id;
use crate::problem::Problem;

/// A request, as far as the routes read it.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The part of the path at the route's `{id}`. Empty if the route has none.
    pub id: String,
    pub query: String,
    pub headers: HeaderMap,
    /// The client that asks.
    pub client: Client,
}

impl Asked {
    pub fn id(&self) -> Result<i64, Problem> {
        parse_id(&self.id).ok_or(Problem::invalid_id(
            "an id is written in digits and lies between 1 and 9223372036854775807",
        ))
    }

    pub fn parameters(&self) -> Result<Parameters, Problem> {
        Parameters::of(&self.query)
    }
}

/// The parameters of a query, each at most once. A parameter that the route does not take is
/// refused.
#[derive(Debug)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Every route takes fewer. Each parameter is compared with those before it, so thousands would
    /// take long.
    const MOST: usize = 16;

    fn of(query: &str) -> Result<Self, Problem> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if parameters.len() == Self::MOST {
                return Err(invalid(format!("there are more than {} parameters", Self::MOST)));
            }
            if parameters.iter().any(|(known, _)| *known == name) {
                return Err(invalid(format!("`{name}` is given twice")));
            }
            if value.contains('\0') {
                return Err(invalid(format!("`{name}` has a NUL character")));
            }
            parameters.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(parameters))
    }

    pub fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(at).1)
    }

    /// Between 1 and 100. The default is 20.
    pub fn take_limit(&mut self) -> Result<usize, Problem> {
        let Some(text) = self.take("limit") else { return Ok(20) };
        let limit = parse_id(&text).and_then(|limit| usize::try_from(limit).ok());
        limit
            .filter(|limit| *limit <= 100)
            .ok_or_else(|| invalid("`limit` lies between 1 and 100".to_owned()))
    }

    /// An id, such as the one below which a page begins.
    pub fn take_id(&mut self, name: &str) -> Result<Option<i64>, Problem> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let id = parse_id(&text).ok_or_else(|| invalid(format!("`{name}` is not an id")))?;
        Ok(Some(id))
    }

    /// The parameter that is left, if any.
    pub fn take_last(mut self) -> Result<Option<(String, String)>, Problem> {
        let last = self.0.pop();
        match self.0.pop() {
            Some(_) => Err(invalid("documents are found by one field at a time".to_owned())),
            None => Ok(last),
        }
    }

    pub fn refuse_others(self) -> Result<(), Problem> {
        match self.0.first() {
            Some((name, _)) => Err(invalid(format!("there is no parameter `{name}` here"))),
            None => Ok(()),
        }
    }
}

/// Names come from the client: they are shortened, and JSON escapes them.
pub(crate) fn invalid(message: String) -> Problem {
    const LONGEST: usize = 200;
    Problem::invalid_parameter(match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_parameters_than_any_route_takes_are_refused_before_they_are_compared() {
        let query = |count: usize| (0..count).map(|at| format!("p{at}&")).collect::<String>();
        assert!(Parameters::of(&query(16)).is_ok());
        assert!(Parameters::of(&query(17)).is_err());
    }
}
