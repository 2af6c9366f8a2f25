#![doc = include_str!("../README.md")]

pub mod api;
pub mod engine;
pub mod evidence;
pub mod form;
pub mod paper;
pub mod receipt;
pub mod work;
