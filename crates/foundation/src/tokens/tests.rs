//! The rules of tokens as tables.

use super::*;
