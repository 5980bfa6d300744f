//! The user that a client's container runs as: one for each client, known from its id alone.

use super::ids::ClientId;

/// The first user number of clients. Debian gives numbers from here to 2^31 to nobody: they are
/// above those of people, of systemd's services and of its containers.
pub const FIRST: u32 = 0x7000_0000;
/// The last user number of clients, the largest that an engine takes.
pub const LAST: u32 = 0x7fff_ffff;

/// Returns the user number of the client's container.
///
/// It is made of the id's last 28 bits, which are random. Two clients that meet in one number, one
/// pair in 268 million, still share nothing: each sees only its own processes, files and socket.
pub const fn of(client: ClientId) -> u32 {
    let [.., a, b, c, d] = client.bits().to_be_bytes();
    FIRST | (u32::from_be_bytes([a, b, c, d]) & 0x0fff_ffff)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_client_is_a_user_of_the_host(bits: u128) {
            let client = ClientId::from_bits(bits);
            prop_assert!((FIRST..=LAST).contains(&of(client)));
            prop_assert_eq!(of(client), of(client));
        }
    }

    #[test]
    fn neighbours_are_different_users() {
        assert_ne!(of(ClientId::from_bits(7)), of(ClientId::from_bits(8)));
    }
}
