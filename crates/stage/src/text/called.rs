use std::borrow::Cow;

/// The name of the binary in the texts of the source code.
const RUNTIME: &str = "l0-runtime";

/// The text with the name of the running binary in its commands. For example, `l0-runtime migrate`
/// becomes `orders migrate` if the binary is called `orders`.
#[must_use]
pub fn called<'a>(text: &'a str, program: &str) -> Cow<'a, str> {
    let command = format!("{RUNTIME} ");
    match program != RUNTIME && text.contains(&command) {
        true => Cow::Owned(text.replace(&command, &format!("{program} "))),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_in_a_text_has_the_name_of_the_binary() {
        let text = "try `l0-runtime explain E0102`; l0-runtime-like names stay";
        let told = called(text, "orders");
        assert_eq!(told, "try `orders explain E0102`; l0-runtime-like names stay");
        assert_eq!(called(text, RUNTIME), text);
    }
}
