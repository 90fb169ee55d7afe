//! Fills `page.html`. A place is written `{{name}}`.
//!
//! The template is walked once from its beginning to its end, so that what is put in is never searched for places: a
//! study whose name is `{{style}}` is called `{{style}}` on its page. A template engine would do the same with a
//! dependency and a language of its own, for a page with a dozen places and not one loop.

/// The template's pieces: text as it is, and what stands in its places. A name without a value is left as it stands.
pub(crate) fn fill<'a>(template: &'a str, values: &[(&str, &'a str)]) -> Vec<&'a str> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        pieces.push(before);
        let place = after
            .split_once("}}")
            .and_then(|(name, after)| Some((values.iter().find(|(known, _)| *known == name)?.1, after)));
        let (value, after) = place.unwrap_or(("{{", after));
        pieces.push(value);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_not_searched() {
        let filled = fill("a {{x}} b {{y}}{{z}} {{", &[("x", "{{y}}"), ("y", "2")]).concat();
        assert_eq!(filled, "a {{y}} b 2{{z}} {{");
    }
}
