//! Text from data on its way into the page. A study may be called `<script>`; nothing of it may be taken for markup.

/// The text with the five characters replaced that mean something in HTML, fit for elements and quoted attributes.
pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Control characters are no HTML; a tab and a line end are.
            c if c.is_control() && c != '\n' && c != '\t' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// JSON fit to stand in a `<script>` element: no `<` is left, so neither `</script` nor `<!--`, both of which the
/// HTML parser would act upon, can occur. A `<` in JSON can only be part of a string, where the escape means the same.
pub(crate) fn script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(
            html("<script>\"it's\" & more</script>\u{0}"),
            "&lt;script&gt;&quot;it&#39;s&quot; &amp; more&lt;/script&gt;\u{fffd}"
        );
        assert_eq!(script(r#"["</script><!--"]"#), r#"["\u003c/script>\u003c!--"]"#);
    }

    proptest! {
        #[test]
        fn no_text_opens_an_element_and_json_stays_the_same(text in any::<String>()) {
            prop_assert!(!html(&text).contains(['<', '>', '"', '\'']));
            let json = script(&serde_json::to_string(&text).unwrap());
            prop_assert!(!json.contains('<'));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
