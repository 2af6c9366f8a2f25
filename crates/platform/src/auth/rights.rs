//! Roles, permissions and where they reach.

use std::collections::BTreeMap;

use vx_kernel::Path;

use crate::{store::Sql, text_enum};

text_enum! {
    /// What a person is in a unit (vai trò).
    pub enum Role {
        /// Keeps accounts, units and the running of the program (quản trị hệ thống).
        Admin = "admin",
        /// Chairs a People's Committee or a command centre (lãnh đạo).
        Chair = "chair",
        /// Takes in dispatches, assigns and follows up for the chair (văn phòng).
        Office = "office",
        /// Heads an agency or a unit and answers for it (thủ trưởng đơn vị).
        Head = "head",
        /// Does the work in a unit (cán bộ, chuyên viên).
        Officer = "officer",
        /// Reads and checks, changes nothing (theo dõi, kiểm tra).
        Observer = "observer",
        /// The program itself; never granted.
        System = "system",
    }
}

/// How far a permission reaches from the unit of the grant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Breadth {
    /// That unit only: one does not acknowledge for another.
    Unit,
    /// That unit and everything below it.
    Subtree,
}

/// A permission and the roles that have it.
#[derive(Clone, Copy, Debug)]
pub struct Permission {
    /// Name of the command or of the kind of page.
    pub name: &'static str,
    /// Who has it, how far.
    pub roles: &'static [(Role, Breadth)],
}

/// A place from which a permission holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reach {
    /// Unit of the grant.
    pub path: Path,
    /// That unit only, or all below.
    pub breadth: Breadth,
}

impl Reach {
    /// Whether a unit lies within.
    #[must_use]
    pub fn covers(&self, path: &Path) -> bool {
        match self.breadth {
            Breadth::Unit => self.path == *path,
            Breadth::Subtree => self.path.contains(path),
        }
    }
}

/// Appends the condition that `column`, a path, lies within one of the reaches. Nothing reached matches nothing.
#[must_use]
pub fn within(mut sql: Sql, column: &'static str, reaches: &[Reach]) -> Sql {
    if reaches.is_empty() {
        return sql.sql("(1 = 0)");
    }
    // Everything: no range, which would only mislead the choice of an index.
    if reaches.iter().any(|reach| reach.path.is_root() && reach.breadth == Breadth::Subtree) {
        return sql.sql("(1 = 1)");
    }
    for (index, reach) in reaches.iter().enumerate() {
        sql = sql.sql(if index == 0 { "(" } else { " or " });
        sql = match reach.breadth {
            Breadth::Unit => sql.sql(column).sql(" = ").bind(&reach.path),
            Breadth::Subtree => {
                let (from, to) = reach.path.range();
                sql.sql("(").sql(column).sql(" >= ").bind(from).sql(" and ").sql(column).sql(" < ").bind(to).sql(")")
            }
        };
    }
    sql.sql(")")
}

/// Appends the condition that `column`, a path, is a place or lies below it.
#[must_use]
pub fn below(sql: Sql, column: &'static str, place: &Path) -> Sql {
    within(sql, column, &[Reach { path: place.clone(), breadth: Breadth::Subtree }])
}

/// The rights table: role × permission → how far.
#[derive(Clone, Debug, Default)]
pub struct Rights(BTreeMap<&'static str, Vec<(Role, Breadth)>>);

impl Rights {
    /// Puts together what the modules declare.
    #[must_use]
    pub fn new(permissions: impl IntoIterator<Item = Permission>) -> Self {
        Self(permissions.into_iter().map(|permission| (permission.name, permission.roles.to_vec())).collect())
    }

    /// How far a role has a permission, `None` if not at all. A permission nobody declared belongs to nobody.
    #[must_use]
    pub fn breadth(&self, role: Role, permission: &str) -> Option<Breadth> {
        let roles = self.0.get(permission)?;
        if role == Role::System {
            return Some(Breadth::Subtree);
        }
        roles.iter().filter(|(held, _)| *held == role).map(|(_, breadth)| *breadth).max()
    }

    /// The same table with only the permissions that `allows` names; for whoever holds less than their person.
    #[must_use]
    pub fn narrowed(&self, allows: impl Fn(&str) -> bool) -> Self {
        Self(self.0.iter().filter(|(name, _)| allows(name)).map(|(name, roles)| (*name, roles.clone())).collect())
    }

    /// Whether a permission is declared.
    #[must_use]
    pub fn knows(&self, permission: &str) -> bool {
        self.0.contains_key(permission)
    }

    /// The table as text, a line per permission: `●` subtree, `○` own unit only. A golden file.
    #[must_use]
    pub fn table(&self) -> String {
        let roles: Vec<Role> = Role::ALL.iter().copied().filter(|role| *role != Role::System).collect();
        let mut out = format!("{:<28}", "permission");
        for role in &roles {
            out.push_str(&format!("{:>9}", role.as_str()));
        }
        for name in self.0.keys() {
            out.push_str(&format!("\n{name:<28}"));
            for role in &roles {
                let mark = match self.breadth(*role, name) {
                    Some(Breadth::Subtree) => "●",
                    Some(Breadth::Unit) => "○",
                    None => "·",
                };
                out.push_str(&format!("{mark:>9}"));
            }
        }
        out.push('\n');
        out
    }
}
