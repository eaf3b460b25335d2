//! Progress reports and their periods: what each step needs, does and leaves behind.

mod bulk;
mod life;
mod periods;
mod together;
