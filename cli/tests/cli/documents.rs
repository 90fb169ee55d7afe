//! The documents for authors of plugins: what they show is what is tested, and what they say is done.

use crate::markdown::all_blocks;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_page_of_a_kind_shows_the_source_of_its_scaffold() {
    for kind in ["mutator", "strategy", "search-space", "evaluator", "scheduler", "analyzer"] {
        let source = read(&repository("cli/templates").join(kind).join("src/lib.rs"));
        let page = repository("docs/plugins").join(format!("{kind}.md"));
        let text = read(&page);
        let sources: Vec<_> = all_blocks(&text).into_iter().filter(|(word, _)| *word == "rust").collect();
        let [(_, range)] = &sources[..] else {
            panic!("{} has {} blocks of Rust, not one", page.display(), sources.len())
        };
        if text[range.clone()] == source {
            continue;
        }
        if std::env::var_os("LAMARCK_REFRESH").is_some() {
            let text = format!("{}{source}{}", &text[..range.start], &text[range.end..]);
            fs::write(&page, text).expect("the page");
            continue;
        }
        panic!(
            "{} does not show cli/templates/{kind}/src/lib.rs; set LAMARCK_REFRESH=1 and run this test once more to put \
             it there",
            page.display()
        );
    }
}

#[test]
fn links_lead_somewhere() {
    let pages = fs::read_dir(repository("docs/plugins")).expect("a folder");
    let pages =
        pages.map(|entry| entry.expect("an entry").path()).chain([repository("docs/your-first-mutator.md")]);
    let mut links = 0;
    for page in pages {
        let text = read(&page);
        for (at, _) in text.match_indices("](") {
            let link = text[at + 2..].split_once(')').expect("a link ends").0;
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.starts_with("https://") {
                continue;
            }
            let file = page.parent().expect("a folder").join(target);
            assert!(file.exists(), "{} links to `{link}`, which is not there", page.display());
            links += 1;
        }
    }
    assert!(links > 10, "{links} links");
}

/// Makes the edits of a block in the form of a unified diff, without line numbers: in each part, what stays and what goes
/// must stand in the file exactly once.
#[cfg(unix)]
fn edit(folder: &Path, diff: &str) {
    let mut lines = diff.lines().skip_while(|line| line.starts_with("--- "));
    let file = lines.next().and_then(|line| line.strip_prefix("+++ b/")).expect("a diff names its file");
    let file = folder.join(file);
    let mut text = read(&file);
    let parts: Vec<&str> = lines.collect();
    for part in parts.split(|line| *line == "@@").skip(1) {
        let side = |others: char| -> String {
            let kept = part.iter().filter(|line| !line.starts_with(others));
            kept.flat_map(|line| [line.get(1..).unwrap_or_default(), "\n"]).collect()
        };
        let (before, after) = (side('+'), side('-'));
        assert_eq!(
            text.matches(&before).count(),
            1,
            "in {} this does not stand once:\n{before}",
            file.display()
        );
        text = text.replace(&before, &after);
    }
    fs::write(&file, text).expect("the file");
}

/// Every command is run, every edit made, and every line that is shown as printed is printed.
#[cfg(unix)]
#[test]
fn the_guide_to_a_first_mutator_is_true() {
    let mut shop = crate::workshop::Workshop::new("guide", "");
    let guide = read(&repository("docs/your-first-mutator.md"));
    let mut printed = String::new();
    let mut done = [0; 3];
    for (word, range) in all_blocks(&guide) {
        let block = &guide[range];
        match word {
            "sh" => printed = shop.shell(block),
            "diff" => edit(shop.here(), block),
            "text" => {
                for line in block.lines() {
                    let line = line.trim_end();
                    // Columns of a table that are left out are marked.
                    let shown: Vec<&str> = line.split("..").map(str::trim).collect();
                    let holds = |all: &str| shown.iter().all(|part| all.contains(part));
                    assert!(printed.lines().any(holds), "`{line}` was not printed, but\n{printed}");
                }
            }
            other => panic!("nobody looks at blocks of `{other}`"),
        }
        done[["sh", "diff", "text"].iter().position(|known| *known == word).unwrap_or_default()] += 1;
    }
    assert!(done.iter().all(|&blocks| blocks > 1), "{done:?}");
    // The figure that it promises.
    let chart = shop.here().join("lamarck-out/wide-steps/charts/entropy-over-time.csv");
    assert!(read(&chart).contains("two or more"), "{}", chart.display());
    let page = read(&shop.here().join("lamarck-out/wide-steps/report.html"));
    assert!(page.contains("entropy-over-time") && page.contains("two or more"));
}
