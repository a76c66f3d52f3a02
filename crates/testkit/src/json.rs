use serde_json::Value;

/// Sets the value at a JSON pointer. The last step may be a new member of an object.
///
/// # Panics
/// The pointer leads nowhere.
pub fn set(document: &mut Value, pointer: &str, value: impl Into<Value>) {
    if let Some(place) = document.pointer_mut(pointer) {
        *place = value.into();
        return;
    }
    let parent_and_name = pointer.rsplit_once('/');
    let parent = parent_and_name.and_then(|(parent, _)| document.pointer_mut(parent));
    match (parent_and_name, parent.and_then(Value::as_object_mut)) {
        (Some((_, name)), Some(object)) => {
            object.insert(name.replace("~1", "/").replace("~0", "~"), value.into());
        }
        _ => panic!("no place `{pointer}` in {document}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_replaces_what_is_there_and_adds_a_missing_member() {
        let mut order = json!({"items": [{"size": "0"}]});
        set(&mut order, "/items/0/size", "M");
        set(&mut order, "/items/0/a~1b", 1);
        assert_eq!(order, json!({"items": [{"size": "M", "a/b": 1}]}));
    }

    #[test]
    #[should_panic(expected = "no place `/delivery/name`")]
    fn a_pointer_into_nothing_is_a_mistake_of_the_test() {
        set(&mut json!({}), "/delivery/name", "x");
    }
}
