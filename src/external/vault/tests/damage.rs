//! What is lost, cut off or changed is found.

use super::*;
