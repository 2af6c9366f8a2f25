//! Whether somebody may sign a document as it says they do (thẩm quyền ký).
//!
//! Basis: NĐ 30/2020/NĐ-CP, Article 13. Whether a head may give an order to sign (TL.) for this sort of document is
//! settled by the rules of the unit, which the program does not know.

use vx_dispatch::{Draft, SigningFor};
use vx_foundation::units::Post;
use vx_kernel::{Path, Problem, text::fold};

/// Whether a post is called so: "Chủ tịch UBND tỉnh" is a "Chủ tịch", a "Phó Chủ tịch" is none.
#[must_use]
pub fn is_called(post: &str, title: &str) -> bool {
    let (post, title) = (fold(post), fold(title));
    !title.is_empty() && post.strip_prefix(&title).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// The post by which the signer signs, or what stands against it. `posts` are those of the unit and of what stands
/// below it, held on the day; `signer` is the name of who signs.
///
/// # Errors
/// `papers.sign.…`
pub fn check<'p>(
    draft: &Draft,
    unit: &Path,
    collegial: bool,
    posts: &'p [Post],
    signer: &str,
) -> Result<&'p Post, Problem> {
    let said = |code: &'static str| Problem::refused(code).with("title", &draft.title).with("name", signer);
    // A mark makes another name: names are compared as they are written.
    let own = |post: &&Post| post.holder.as_deref().is_some_and(|holder| holder.trim() == signer.trim());
    let held: Vec<&Post> = posts.iter().filter(own).filter(|post| is_called(&post.title, &draft.title)).collect();
    if held.is_empty() {
        return Err(said("papers.sign.no_post"));
    }
    let says = |by: SigningFor| draft.authority.iter().any(|line| line.by == by);
    if says(SigningFor::Tm) && !collegial {
        return Err(said("papers.sign.not_collegial"));
    }
    // Orders and deputies name the head of the unit; when the program knows who that is, it must be that post.
    let heads: Vec<&Post> = posts.iter().filter(|post| post.path == *unit && post.accountable).collect();
    let first = draft.authority.iter().find(|line| line.by != SigningFor::Tm);
    if let Some(line) =
        first.filter(|line| !heads.is_empty() && !heads.iter().any(|head| is_called(&head.title, &line.of)))
    {
        return Err(said("papers.sign.no_such_head").with("of", &line.of));
    }
    let is_head = |post: &&&Post| post.path == *unit && post.accountable;
    // The line nearest to the signer says by what right.
    let (fits, refusal): (fn(&Post, &Path) -> bool, _) = match draft.authority.last().map(|line| line.by) {
        None | Some(SigningFor::Tm) => (|post, unit| post.path == *unit && post.accountable, "papers.sign.not_head"),
        Some(SigningFor::Kt) if says(SigningFor::Tl) => (|post, _| !post.accountable, "papers.sign.not_deputy"),
        Some(SigningFor::Kt) => (|post, unit| post.path == *unit && !post.accountable, "papers.sign.not_deputy"),
        Some(SigningFor::Tl) => (|_, _| true, "papers.sign.not_by_order"),
        Some(SigningFor::Tuq) => (|post, unit| post.path != *unit && post.accountable, "papers.sign.not_delegated"),
    };
    if let Some(line) = draft.authority.last() {
        if line.by == SigningFor::Kt && !is_called(&draft.title, &format!("Phó {}", line.of)) {
            return Err(said("papers.sign.not_deputy").with("of", &line.of));
        }
        if line.by == SigningFor::Tl && held.iter().any(|post| is_head(&post)) {
            return Err(said("papers.sign.not_by_order").with("of", &line.of));
        }
    }
    let of = draft.authority.last().map_or(String::new(), |line| line.of.clone());
    held.into_iter().find(|post| fits(post, unit)).ok_or_else(|| said(refusal).with("of", of))
}

/// What will stand against the signature whoever of the holders gives it, known before anybody is asked to sign. None
/// where one of them may, and where no post of the unit is known. A written name counts alone.
#[must_use]
pub fn foreseen(draft: &Draft, unit: &Path, collegial: bool, posts: &[Post]) -> Option<Problem> {
    let holders = posts.iter().filter(|post| is_called(&post.title, &draft.title));
    let mut names: Vec<&str> = holders.filter_map(|post| post.holder.as_deref()).collect();
    if !draft.name.is_empty() {
        names = vec![&draft.name];
    }
    if posts.is_empty() || names.is_empty() {
        return None;
    }
    let mut refusals = names.into_iter().map(|name| check(draft, unit, collegial, posts, name).err());
    let first = refusals.next()?;
    if refusals.any(|refusal| refusal.is_none()) { None } else { first }
}

#[cfg(test)]
mod tests {
    use vx_dispatch::{Authority, Kind};
    use vx_kernel::Id;

    use super::*;

    fn post(path: &str, title: &str, holder: &str, accountable: bool) -> Post {
        Post {
            id: Id::fresh(),
            path: Path::parse(path).unwrap(),
            version: 1,
            title: title.to_owned(),
            holder: Some(holder.to_owned()),
            accountable,
            phone: None,
            from_on: None,
            until_on: None,
        }
    }

    #[test]
    fn the_authority_is_held_against_the_post() {
        let posts = [
            post("94/", "Chủ tịch UBND tỉnh", "Phạm Hoàng Minh", true),
            post("94/", "Phó Chủ tịch UBND tỉnh", "Huỳnh Thị Diễm Ngọc", false),
            post("94/", "Chánh Văn phòng", "Lê Hữu Nam", false),
            post("94/", "Phó Chánh Văn phòng", "Võ Minh Sang", false),
            post("94/94.syt/", "Giám đốc Sở", "Nguyễn Đức Thịnh", true),
            post("94/94.syt/", "Phó Giám đốc", "Lý Thị Hồng", false),
        ];
        for (unit, lines, title, signer, expected) in [
            ("94/", "", "Chủ tịch", "Phạm Hoàng Minh", ""),
            ("94/", "TM. Ủy ban nhân dân", "Chủ tịch", "Phạm Hoàng Minh", ""),
            ("94/", "TM. Ủy ban nhân dân\nKT. Chủ tịch", "Phó Chủ tịch", "Huỳnh Thị Diễm Ngọc", ""),
            ("94/", "KT. Chủ tịch", "Phó Chủ tịch", "Huỳnh Thị Diễm Ngọc", ""),
            ("94/", "TL. Chủ tịch", "Chánh Văn phòng", "Lê Hữu Nam", ""),
            ("94/", "TL. Chủ tịch\nKT. Chánh Văn phòng", "Phó Chánh Văn phòng", "Võ Minh Sang", ""),
            ("94/", "TUQ. Chủ tịch", "Giám đốc", "Nguyễn Đức Thịnh", ""),
            ("94/94.syt/", "", "Giám đốc", "Nguyễn Đức Thịnh", ""),
            ("94/94.syt/", "KT. Giám đốc", "Phó Giám đốc", "Lý Thị Hồng", ""),
            // Somebody without the post; somebody else's post; a post of another name.
            ("94/", "", "Chủ tịch", "Trần Ngọc Lan", "papers.sign.no_post"),
            ("94/", "", "Chủ tịch", "Huỳnh Thị Diễm Ngọc", "papers.sign.no_post"),
            ("94/", "", "", "Phạm Hoàng Minh", "papers.sign.no_post"),
            // A deputy without the line, a head with it, a deputy of another head.
            ("94/", "", "Phó Chủ tịch", "Huỳnh Thị Diễm Ngọc", "papers.sign.not_head"),
            ("94/", "TM. Ủy ban nhân dân", "Phó Chủ tịch", "Huỳnh Thị Diễm Ngọc", "papers.sign.not_head"),
            ("94/", "KT. Chủ tịch", "Chủ tịch", "Phạm Hoàng Minh", "papers.sign.not_deputy"),
            ("94/", "KT. Giám đốc", "Phó Chủ tịch", "Huỳnh Thị Diễm Ngọc", "papers.sign.no_such_head"),
            ("94/", "KT. Chủ tịch", "Chánh Văn phòng", "Lê Hữu Nam", "papers.sign.not_deputy"),
            // By order of oneself; delegated to one's own deputy; a department is no collective body.
            ("94/", "TL. Chủ tịch", "Chủ tịch", "Phạm Hoàng Minh", "papers.sign.not_by_order"),
            ("94/", "TUQ. Chủ tịch", "Phó Chủ tịch", "Huỳnh Thị Diễm Ngọc", "papers.sign.not_delegated"),
            ("94/", "TUQ. Chủ tịch", "Phó Giám đốc", "Lý Thị Hồng", "papers.sign.not_delegated"),
            ("94/94.syt/", "TM. Sở Y tế", "Giám đốc", "Nguyễn Đức Thịnh", "papers.sign.not_collegial"),
        ] {
            let mut draft = Draft::new(Kind::CongVan);
            draft.title = title.to_owned();
            draft.authority = lines
                .lines()
                .map(|line| {
                    let by = SigningFor::ALL.iter().copied().find(|by| line.starts_with(by.printed())).unwrap();
                    Authority { by, of: line[by.printed().len()..].trim().to_owned() }
                })
                .collect();
            let unit = Path::parse(unit).unwrap();
            let found = check(&draft, &unit, unit.depth() == 1, &posts, signer);
            assert_eq!(found.err().map_or("", |problem| problem.code), expected, "{lines} / {title} / {signer}");
            // Named in the draft, the signer is looked at before.
            draft.name = signer.to_owned();
            let before = foreseen(&draft, &unit, unit.depth() == 1, &posts);
            assert_eq!(before.map_or("", |problem| problem.code), expected, "{lines} / {title} / {signer}");
            assert!(foreseen(&draft, &unit, true, &[]).is_none(), "without posts nothing is known");
        }
    }
}
