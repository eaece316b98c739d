//! The patch sets: mistakes of published libraries that nothing but another text mends.
//!
//! What f2c or the reader does not know is lowered for every source; a patch is for what no
//! Fortran compiler gets right.

use super::{Edit, Patch, PatchSet};

/// Every set.
pub const SETS: &[PatchSet] = &[PatchSet {
    name: "lapack-3.12.1",
    patches: &[
        Patch {
            file: "cgeqp3rk.f",
            sha256: "ecc6cda75fdcff43564314a61a8181c17896618d16fac304bff53199ef01f2f4",
            why: MAXC2NRM,
            edits: &[Edit {
                anchor: "      KP1 = ISAMAX( N, RWORK( 1 ), 1 )",
                lines: &[
                    "      KP1 = ISAMAX( N, RWORK( 1 ), 1 )",
                    "      MAXC2NRM = RWORK( KP1 )",
                ],
            }],
        },
        Patch {
            file: "zgeqp3rk.f",
            sha256: "c642c891480d821a4b06682bdb6190fc0b769a424825aade97d18f77c461e13b",
            why: MAXC2NRM,
            edits: &[Edit {
                anchor: "      KP1 = IDAMAX( N, RWORK( 1 ), 1 )",
                lines: &[
                    "      KP1 = IDAMAX( N, RWORK( 1 ), 1 )",
                    "      MAXC2NRM = RWORK( KP1 )",
                ],
            }],
        },
    ],
}];

const MAXC2NRM: &str = "MAXC2NRM, the largest column norm, is read before anything sets it, so \
                        that the routine factors the matrix or gives up as memory has it; SGEQP3RK \
                        and DGEQP3RK set it here";
