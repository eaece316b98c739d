//! How CPython lays out what it finds functions in, and how it calls them; all fields have 4 bytes.

/// How many `int` or pointer parameters, and whether there is an `int` result.
pub(super) type Shape = (usize, bool);

pub(super) const UNARY: Shape = (1, true);
pub(super) const BINARY: Shape = (2, true);
pub(super) const TERNARY: Shape = (3, true);
pub(super) const DESTRUCTOR: Shape = (1, false);

/// Numbers, names and shapes of the slots that hold functions, sorted by number.
/// Source: `Include/typeslots.h` and the types of the fields in `Include/cpython/object.h`.
#[rustfmt::skip]
pub(super) const SLOTS: &[(u32, &str, Shape)] = &[
    (1, "bf_getbuffer", TERNARY), (2, "bf_releasebuffer", (2, false)),
    (3, "mp_ass_subscript", TERNARY), (4, "mp_length", UNARY), (5, "mp_subscript", BINARY),
    (6, "nb_absolute", UNARY), (7, "nb_add", BINARY), (8, "nb_and", BINARY), (9, "nb_bool", UNARY),
    (10, "nb_divmod", BINARY), (11, "nb_float", UNARY), (12, "nb_floor_divide", BINARY),
    (13, "nb_index", UNARY), (14, "nb_inplace_add", BINARY), (15, "nb_inplace_and", BINARY),
    (16, "nb_inplace_floor_divide", BINARY), (17, "nb_inplace_lshift", BINARY),
    (18, "nb_inplace_multiply", BINARY), (19, "nb_inplace_or", BINARY),
    (20, "nb_inplace_power", TERNARY), (21, "nb_inplace_remainder", BINARY),
    (22, "nb_inplace_rshift", BINARY), (23, "nb_inplace_subtract", BINARY),
    (24, "nb_inplace_true_divide", BINARY), (25, "nb_inplace_xor", BINARY), (26, "nb_int", UNARY),
    (27, "nb_invert", UNARY), (28, "nb_lshift", BINARY), (29, "nb_multiply", BINARY),
    (30, "nb_negative", UNARY), (31, "nb_or", BINARY), (32, "nb_positive", UNARY),
    (33, "nb_power", TERNARY), (34, "nb_remainder", BINARY), (35, "nb_rshift", BINARY),
    (36, "nb_subtract", BINARY), (37, "nb_true_divide", BINARY), (38, "nb_xor", BINARY),
    (39, "sq_ass_item", TERNARY), (40, "sq_concat", BINARY), (41, "sq_contains", BINARY),
    (42, "sq_inplace_concat", BINARY), (43, "sq_inplace_repeat", BINARY), (44, "sq_item", BINARY),
    (45, "sq_length", UNARY), (46, "sq_repeat", BINARY), (47, "tp_alloc", BINARY),
    (50, "tp_call", TERNARY), (51, "tp_clear", UNARY), (52, "tp_dealloc", DESTRUCTOR),
    (53, "tp_del", DESTRUCTOR), (54, "tp_descr_get", TERNARY), (55, "tp_descr_set", TERNARY),
    (57, "tp_getattr", BINARY), (58, "tp_getattro", BINARY), (59, "tp_hash", UNARY),
    (60, "tp_init", TERNARY), (61, "tp_is_gc", UNARY), (62, "tp_iter", UNARY),
    (63, "tp_iternext", UNARY), (65, "tp_new", TERNARY), (66, "tp_repr", UNARY),
    (67, "tp_richcompare", TERNARY), (68, "tp_setattr", TERNARY), (69, "tp_setattro", TERNARY),
    (70, "tp_str", UNARY), (71, "tp_traverse", TERNARY), (74, "tp_free", DESTRUCTOR),
    (75, "nb_matrix_multiply", BINARY), (76, "nb_inplace_matrix_multiply", BINARY),
    (77, "am_await", UNARY), (78, "am_aiter", UNARY), (79, "am_anext", UNARY),
    (80, "tp_finalize", DESTRUCTOR), (81, "am_send", TERNARY), (82, "tp_vectorcall", (4, true)),
];

/// The slots `tp_*`: a type has one of them in any case.
pub(super) const TYPE_SLOTS: std::ops::RangeInclusive<u32> = 47..=74;

/// The highest number of a slot, functions or not, of any version so far.
pub(super) const LAST: u32 = 90;

/// Numbers of the slots that hold a type's tables of methods and of attributes.
pub(super) const METHODS_SLOT: u32 = 64;
pub(super) const ATTRIBUTES_SLOT: u32 = 73;

/// What a field of a structure holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Field {
    /// A number that no address is stored over.
    Number,
    /// The address of something, or nothing.
    Address,
    /// The address of a name.
    Name,
    /// A function as in the slot of this number.
    Slot(u32),
    /// A function of this name and shape.
    Function(&'static str, Shape),
    /// The address of a structure of functions.
    Part(&'static [Field]),
    /// The address of an array of [`METHOD`], the last one zero.
    Methods,
    /// The address of an array of [`ATTRIBUTE`], the last one zero.
    Attributes,
    /// The address of an array of [`MODULE_SLOTS`]' numbers and functions, the last one zero.
    ModuleSlots,
}

use Field::{Address, Attributes, Function, Methods, ModuleSlots, Name, Number, Part, Slot};

/// `PyTypeObject`. Source, as for its parts: `Include/cpython/object.h`, the same from Python 3.12
/// to 3.15 as far as it is listed.
#[rustfmt::skip]
pub(super) const TYPE: &[Field] = &[
    Number, Address, Number, Name, Number, Number, Slot(52), Number, Slot(57), Slot(68),
    Part(ASYNC), Slot(66), Part(NUMBERS), Part(SEQUENCE), Part(MAPPING), Slot(59), Slot(50),
    Slot(70), Slot(58), Slot(69), Part(BUFFER), Number, Address, Slot(71), Slot(51), Slot(67),
    Number, Slot(62), Slot(63), Methods, Address, Attributes, Address, Address, Slot(54), Slot(55),
    Number, Slot(60), Slot(47), Slot(65), Slot(74), Slot(61), Address, Address, Address, Address,
    Address, Slot(53), Number, Slot(80), Slot(82),
];

const ASYNC: &[Field] = &[Slot(77), Slot(78), Slot(79), Slot(81)];
#[rustfmt::skip]
const NUMBERS: &[Field] = &[
    Slot(7), Slot(36), Slot(29), Slot(34), Slot(10), Slot(33), Slot(30), Slot(32), Slot(6), Slot(9),
    Slot(27), Slot(28), Slot(35), Slot(8), Slot(38), Slot(31), Slot(26), Address, Slot(11),
    Slot(14), Slot(23), Slot(18), Slot(21), Slot(20), Slot(17), Slot(22), Slot(15), Slot(25),
    Slot(19), Slot(12), Slot(37), Slot(16), Slot(24), Slot(13), Slot(75), Slot(76),
];
#[rustfmt::skip]
const SEQUENCE: &[Field] = &[
    Slot(45), Slot(40), Slot(46), Slot(44), Address, Slot(39), Address, Slot(41), Slot(42), Slot(43),
];
const MAPPING: &[Field] = &[Slot(4), Slot(5), Slot(3)];
const BUFFER: &[Field] = &[Slot(1), Slot(2)];

/// Whether a number is the reference count that a static object begins with: 1, or that of an object which
/// lives for ever, `0x3fffffff` until Python 3.13 and `0x70000000` since. Source: `PyObject_HEAD_INIT` in
/// `Include/object.h` and `Include/refcount.h`.
pub(super) fn is_reference_count(number: u32) -> bool {
    number == 1 || number >= 0x3fff_ffff
}

/// `PyModuleDef`. Source: `Include/moduleobject.h`.
#[rustfmt::skip]
pub(super) const MODULE: &[Field] = &[
    Number, Address, Number, Number, Address, Name, Address, Number, Methods, ModuleSlots,
    Function("m_traverse", TERNARY), Function("m_clear", UNARY), Function("m_free", DESTRUCTOR),
];

/// The functions in `m_slots`, by their numbers. Source: `Include/moduleobject.h`.
pub(super) const MODULE_SLOTS: &[(u32, &str, Shape)] =
    &[(1, "Py_mod_create", BINARY), (2, "Py_mod_exec", UNARY)];

/// Where the name stands in each structure, by its field.
pub(super) const TYPE_NAME: u32 = 3;
pub(super) const MODULE_NAME: u32 = 5;

/// Where the slots stand in a `PyType_Spec`, whose first field is the type's name. Source:
/// `Include/object.h`.
pub(super) const SPEC_SLOTS: u32 = 4;

/// `PyMethodDef`: name, function, flags, documentation. Source: `Include/methodobject.h`.
pub(super) const METHOD: u32 = 4;
/// `PyGetSetDef`: name, getter, setter, documentation, closure. Source: `Include/descrobject.h`.
pub(super) const ATTRIBUTE: u32 = 5;

/// The flags of a method that say how it is called.
pub(super) const CALLED: u32 = 0x28f;
/// All flags of a method there are.
pub(super) const FLAGS: u32 = 0x3ff;

/// How CPython calls a method.
#[derive(Debug, Clone, Copy)]
pub(super) struct Convention {
    /// The flags.
    pub flags: u32,
    /// Their names.
    pub name: &'static str,
    /// How many pointers it passes.
    pub parameters: usize,
    /// Whether it calls through its trampoline for Emscripten, which passes as many arguments as
    /// the function takes.
    pub trampoline: bool,
}

const fn convention(
    flags: u32,
    name: &'static str,
    parameters: usize,
    trampoline: bool,
) -> Convention {
    Convention {
        flags,
        name,
        parameters,
        trampoline,
    }
}

/// The conventions. Source: `Include/methodobject.h`; which of them go through the trampoline:
/// `Objects/methodobject.c`, `Objects/descrobject.c`.
pub(super) const CONVENTIONS: &[Convention] = &[
    convention(0x001, "METH_VARARGS", 2, true),
    convention(0x003, "METH_VARARGS | METH_KEYWORDS", 3, true),
    convention(0x004, "METH_NOARGS", 2, true),
    convention(0x008, "METH_O", 2, true),
    convention(0x080, "METH_FASTCALL", 3, false),
    convention(0x082, "METH_FASTCALL | METH_KEYWORDS", 4, false),
    convention(
        0x282,
        "METH_METHOD | METH_FASTCALL | METH_KEYWORDS",
        5,
        false,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        assert!(SLOTS.is_sorted_by_key(|row| row.0));
        assert!(SLOTS.iter().all(|row| row.0 <= LAST));
        assert!(MODULE_SLOTS.is_sorted_by_key(|row| row.0));
    }

    #[test]
    fn each_function_of_a_type_has_one_place() {
        fn slots(fields: &[Field]) -> Vec<u32> {
            let of = |field: &Field| match field {
                Slot(number) => vec![*number],
                Part(part) => slots(part),
                _ => Vec::new(),
            };
            fields.iter().flat_map(of).collect()
        }
        let mut placed = slots(TYPE);
        placed.sort_unstable();
        let all: Vec<u32> = SLOTS.iter().map(|row| row.0).collect();
        assert_eq!(placed, all);
    }
}
