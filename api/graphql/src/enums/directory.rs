//! What units and unit groups are.

use async_graphql::Enum;

/// What sort of organisation a unit is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::UnitKind")]
pub(crate) enum UnitKind {
    /// A government department (政府部门).
    GovernmentDepartment,
    /// A department of the party committee (党委部门).
    PartyOrgan,
    /// The office of a coordinating body, such as a headquarters (议事协调机构办公室).
    CoordinatingOffice,
    /// A county-level government (县级政府).
    CountyGovernment,
    /// The management committee of a development zone (功能区管委会).
    DevelopmentZone,
    /// A public institution (事业单位).
    PublicInstitution,
    /// A school, college or university (院校).
    School,
    /// A local agency of a central or provincial body (垂直管理单位).
    VerticalAgency,
    /// An enterprise (企业).
    Enterprise,
    /// A mass organisation or social body (群团组织).
    MassOrganisation,
}

/// What a unit group's phrase does when a document uses it.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::kinds::GroupResolution")]
pub(crate) enum GroupResolution {
    /// It stands for its members: each becomes an assignment.
    Members,
    /// It names nobody yet: the supervision office designates the units.
    Designation,
}
