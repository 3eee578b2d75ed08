#![no_main]

use tailwater_fuzz::fuzz_target;

fuzz_target!(|input: &str| tailwater::fuzzing::document(input));
