//! What was probably meant.

/// For the end of a message: the nearest of some names, or all of them where they are few.
pub(crate) fn among<S: AsRef<str>>(name: &str, known: &[S]) -> String {
    let near = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known.as_ref()), known.as_ref()))
        .min()
        .filter(|(distance, near)| *distance <= near.chars().count().max(3) / 3);
    match near {
        Some((_, near)) => format!("; did you mean `{near}`?"),
        None if known.is_empty() => "; it has none".to_owned(),
        None => {
            let shown: Vec<String> =
                known.iter().take(12).map(|known| format!("`{}`", known.as_ref())).collect();
            let more = if known.len() > shown.len() { ", .." } else { "" };
            format!("; it has {}{more}", shown.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::among;

    #[test]
    fn near_names_and_few_names() {
        let known = ["objective", "arch_seq"];
        assert_eq!(among("objectiv", &known), "; did you mean `objective`?");
        assert_eq!(among("loss", &known), "; it has `objective`, `arch_seq`");
        assert_eq!(among::<&str>("loss", &[]), "; it has none");
    }
}
