//! How much of the server each caller may use in a minute: requests and sign-ins of an address, what a user's operations cost,
//! sign-ins under one name, and refreshes of one session.
//!
//! Each budget is a table of token buckets of fixed size. Whoever asks falls into one bucket by a keyed hash: no number of addresses or
//! of names makes the table grow, and nobody knows who shares a bucket with whom. A bucket holds a minute's worth and fills up
//! evenly; it is one number, the moment at which it will be full again (GCRA), so that taking from it needs no lock.

use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use domain::{Clock, Entropy, lockout::network};

use crate::complaint::Complaint;

/// Buckets of a table: half a megabyte.
const BUCKETS: usize = 1 << 16;
/// How many times what is tried under one name from one address may be tried from all addresses together.
const EVERYWHERE: u32 = 10;
/// A minute, as the buckets count.
const MINUTE: i64 = 60_000_000;

/// How much each caller may use in a minute, at once or evenly. Nothing is counted where it is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetRules {
    /// Requests of an address; each operation over a socket is one. Of an IPv6 address the network counts (/64).
    pub requests: u32,
    /// What the operations of a user may cost; those of nobody who is signed in are their address's.
    pub cost: u32,
    /// Attempts to sign in of an address.
    pub sign_ins: u32,
    /// Attempts to sign in under one name from one address; those that succeed are not counted. From all addresses together, ten times
    /// as many. A session may be refreshed as often.
    pub sign_ins_of_name: u32,
}

impl Default for BudgetRules {
    /// A city's whole staff behind one address stays far below.
    fn default() -> Self {
        Self {
            requests: 12_000,
            cost: 1_500_000,
            sign_ins: 300,
            sign_ins_of_name: 20,
        }
    }
}

impl BudgetRules {
    /// Nothing is counted.
    pub const NONE: Self = Self {
        requests: 0,
        cost: 0,
        sign_ins: 0,
        sign_ins_of_name: 0,
    };
}

/// Whose budget an operation is charged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payer {
    /// A user, by key.
    User(i64),
    /// Nobody who is signed in, from an address if it is known.
    Stranger(Option<IpAddr>),
}

/// What is left of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// How much may still be used at once.
    pub remaining: u64,
    /// When the budget is whole again, if nothing more is used.
    pub reset_at: DateTime<Utc>,
}

/// The budgets of a server.
pub struct Budgets {
    clock: Arc<dyn Clock>,
    secret: [u8; 16],
    requests: Table,
    cost: Table,
    cost_of_strangers: Table,
    sign_ins: Table,
    names: Table,
    names_everywhere: Table,
    refreshes: Table,
}

impl fmt::Debug for Budgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budgets").finish_non_exhaustive()
    }
}

impl Budgets {
    /// Whole budgets.
    pub fn new(rules: BudgetRules, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        let mut secret = [0; 16];
        entropy.fill(&mut secret);
        Self {
            clock,
            secret,
            requests: Table::new(rules.requests),
            cost: Table::new(rules.cost),
            cost_of_strangers: Table::new(rules.cost),
            sign_ins: Table::new(rules.sign_ins),
            names: Table::new(rules.sign_ins_of_name),
            names_everywhere: Table::new(rules.sign_ins_of_name.saturating_mul(EVERYWHERE)),
            refreshes: Table::new(rules.sign_ins_of_name),
        }
    }

    /// Counts a request of an address, before anything of it is read.
    ///
    /// # Errors
    /// [`Complaint::RateLimited`].
    pub fn request(&self, address: Option<IpAddr>) -> Result<(), Complaint> {
        let bucket = self.hash(address.map(network));
        self.take(&self.requests, bucket, 1).map(|_| ())
    }

    /// Charges what an operation costs, before it runs; what is left, where costs are counted.
    ///
    /// # Errors
    /// [`Complaint::RateLimited`]; nothing is charged then.
    pub fn charge(&self, payer: Payer, cost: u64) -> Result<Option<Left>, Complaint> {
        match payer {
            // Users are counted from 1: as many as there are buckets share none.
            Payer::User(user) => self.take(&self.cost, user.unsigned_abs(), cost),
            Payer::Stranger(address) => {
                let bucket = self.hash(address.map(network));
                self.take(&self.cost_of_strangers, bucket, cost)
            }
        }
    }

    /// What is left for whoever pays, where costs are counted.
    pub fn left(&self, payer: Payer) -> Option<Left> {
        // To take nothing is to look, unless all is gone: then nothing is left until there is some again.
        self.charge(payer, 0).ok().flatten()
    }

    /// Counts an attempt to sign in, before it is made. The name is the one form that names have. What is tried under a name from one address
    /// uses up nothing of what its owner may try from another, until ten times as much has been tried from many.
    ///
    /// # Errors
    /// [`Complaint::RateLimited`]: too many under this name, or from this address.
    pub fn sign_in(&self, name: &str, address: Option<IpAddr>) -> Result<(), Complaint> {
        let network = address.map(network);
        self.take(&self.sign_ins, self.hash(network), 1)?;
        self.take(&self.names, self.hash((name, network)), 1)?;
        self.take(&self.names_everywhere, self.hash(name), 1)
            .map(|_| ())
    }

    /// Gives back what an attempt under a name took, once it has succeeded: failures alone count.
    pub fn signed_in(&self, name: &str, address: Option<IpAddr>) {
        self.names
            .give_back(self.hash((name, address.map(network))), 1);
        self.names_everywhere.give_back(self.hash(name), 1);
    }

    /// Counts a refresh of a session, by its key, before it is made: each is a row that is kept for as long as the session lives.
    ///
    /// # Errors
    /// [`Complaint::RateLimited`].
    pub fn refresh(&self, session: i64) -> Result<(), Complaint> {
        self.take(&self.refreshes, session.unsigned_abs(), 1)
            .map(|_| ())
    }

    fn take(&self, table: &Table, bucket: u64, amount: u64) -> Result<Option<Left>, Complaint> {
        let now = self.clock.now().timestamp_micros();
        table
            .take(bucket, amount, now)
            .map_err(|wait| Complaint::RateLimited {
                seconds: wait.unsigned_abs().div_ceil(1_000_000),
            })
    }

    fn hash(&self, of: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write(&self.secret);
        of.hash(&mut hasher);
        hasher.finish()
    }
}

/// The buckets of one budget: each is the moment, in microseconds, at which it is full.
struct Table {
    per_minute: u32,
    full_at: Box<[AtomicI64]>,
}

impl Table {
    fn new(per_minute: u32) -> Self {
        let buckets = if per_minute == 0 { 0 } else { BUCKETS };
        Self {
            per_minute,
            full_at: (0..buckets).map(|_| AtomicI64::new(0)).collect(),
        }
    }

    /// Takes an amount, or says how many microseconds to wait for it.
    fn take(&self, bucket: u64, amount: u64, now: i64) -> Result<Option<Left>, i64> {
        let Some(slot) = self.slot(bucket) else {
            return Ok(None);
        };
        let spacing = self.spacing(amount);
        let mut seen = slot.load(Ordering::Relaxed);
        loop {
            let latest = now.saturating_add(MINUTE);
            if seen > latest {
                // The clock was set back: nobody waits for longer than a whole minute, which begins now.
                let corrected =
                    slot.compare_exchange(seen, latest, Ordering::Relaxed, Ordering::Relaxed);
                seen = corrected.map_or_else(|other| other, |_| latest);
                continue;
            }
            let full_at = seen.max(now).saturating_add(spacing);
            let debt = full_at.saturating_sub(now);
            if debt > MINUTE {
                return Err(debt - MINUTE);
            }
            match slot.compare_exchange_weak(seen, full_at, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(Some(self.left(full_at, debt))),
                Err(other) => seen = other,
            }
        }
    }

    /// Gives back an amount that was taken. What has come back by itself meanwhile is not given twice: a bucket is no fuller than full.
    fn give_back(&self, bucket: u64, amount: u64) {
        if let Some(slot) = self.slot(bucket) {
            slot.fetch_sub(self.spacing(amount), Ordering::Relaxed);
        }
    }

    fn slot(&self, bucket: u64) -> Option<&AtomicI64> {
        let at = usize::try_from(bucket % BUCKETS as u64).unwrap_or_default();
        self.full_at.get(at)
    }

    /// How long an amount takes to come back; rounded up, so that nothing is free.
    fn spacing(&self, amount: u64) -> i64 {
        let micros = u128::from(amount) * MINUTE.unsigned_abs() as u128;
        i64::try_from(micros.div_ceil(u128::from(self.per_minute.max(1)))).unwrap_or(i64::MAX)
    }

    fn left(&self, full_at: i64, debt: i64) -> Left {
        let left = (MINUTE - debt).unsigned_abs() as u128 * u128::from(self.per_minute);
        Left {
            remaining: u64::try_from(left / MINUTE.unsigned_abs() as u128).unwrap_or(u64::MAX),
            reset_at: DateTime::from_timestamp_micros(full_at).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use proptest::prelude::*;

    use super::*;

    struct Hand(Mutex<DateTime<Utc>>);

    impl Clock for Hand {
        fn now(&self) -> DateTime<Utc> {
            *self.0.lock().unwrap()
        }
    }

    struct Sevens;

    impl Entropy for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    fn budgets(rules: BudgetRules) -> (Arc<Hand>, Budgets) {
        let start = DateTime::from_timestamp(1_655_265_600, 0).unwrap();
        let hand = Arc::new(Hand(Mutex::new(start)));
        let budgets = Budgets::new(rules, Arc::clone(&hand) as Arc<dyn Clock>, &Sevens);
        (hand, budgets)
    }

    fn pass(hand: &Hand, milliseconds: i64) {
        *hand.0.lock().unwrap() += chrono::TimeDelta::milliseconds(milliseconds);
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_minute_s_worth_at_once_and_then_evenly() {
        let rules = BudgetRules {
            requests: 120,
            ..BudgetRules::NONE
        };
        let (hand, budgets) = budgets(rules);
        let passed = |at: &str| {
            (0..200)
                .take_while(|_| budgets.request(address(at)).is_ok())
                .count()
        };
        assert_eq!(passed("10.0.0.1"), 120);
        assert_eq!(
            budgets.request(address("10.0.0.1")),
            Err(Complaint::RateLimited { seconds: 1 })
        );
        // Others have their own.
        assert_eq!(passed("10.0.0.2"), 120);
        pass(&hand, 499);
        assert_eq!(passed("10.0.0.1"), 0);
        pass(&hand, 1);
        assert_eq!(passed("10.0.0.1"), 1);
        pass(&hand, 10_000);
        assert_eq!(passed("10.0.0.1"), 20);
        pass(&hand, 3_600_000);
        assert_eq!(passed("10.0.0.1"), 120);
        // A clock that is set back by an hour.
        pass(&hand, -3_600_000);
        assert_eq!(passed("10.0.0.1"), 0);
        pass(&hand, 60_000);
        assert_eq!(passed("10.0.0.1"), 120);
    }

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        let rules = BudgetRules {
            requests: 1,
            ..BudgetRules::NONE
        };
        let (_, budgets) = budgets(rules);
        for (at, passes) in [
            ("2001:db8::1", true),
            ("2001:db8::2:1", false),
            ("2001:db8:0:1::1", true),
            ("10.0.0.1", true),
            ("::ffff:10.0.0.1", false),
        ] {
            assert_eq!(budgets.request(address(at)).is_ok(), passes, "{at}");
        }
        assert!(budgets.request(None).is_ok() && budgets.request(None).is_err());
    }

    #[test]
    fn what_is_left_is_told_and_what_is_too_much_is_not_charged() {
        let rules = BudgetRules {
            cost: 60_000,
            ..BudgetRules::NONE
        };
        let (hand, budgets) = budgets(rules);
        let user = Payer::User(7);
        let left = budgets.charge(user, 20_000).unwrap().unwrap();
        assert_eq!(left.remaining, 40_000);
        assert_eq!(left.reset_at, hand.now() + chrono::TimeDelta::seconds(20));
        assert_eq!(
            budgets.charge(user, 50_000),
            Err(Complaint::RateLimited { seconds: 10 })
        );
        assert_eq!(budgets.charge(user, 40_000).unwrap().unwrap().remaining, 0);
        assert!(budgets.charge(Payer::User(8), 60_000).is_ok());
        // A stranger's costs are the address's, and no user's.
        let stranger = Payer::Stranger(address("10.0.0.1"));
        assert!(budgets.charge(stranger, 60_000).is_ok() && budgets.charge(stranger, 1).is_err());
        let other = Payer::Stranger(address("10.0.0.2"));
        assert!(budgets.charge(other, 60_000).is_ok());
    }

    #[test]
    fn sign_ins_are_counted_by_name_and_by_address() {
        let rules = BudgetRules {
            sign_ins: 5,
            sign_ins_of_name: 2,
            ..BudgetRules::NONE
        };
        let (_, budgets) = budgets(rules);
        let tried: Vec<bool> = [
            ("office", "10.0.0.1"),
            ("office", "10.0.0.2"),
            ("office", "10.0.0.2"),
            // The name's are used up there, and its owner sits elsewhere.
            ("office", "10.0.0.2"),
            ("office", "10.0.0.3"),
            ("a", "10.0.0.1"),
            ("b", "10.0.0.1"),
            ("c", "10.0.0.1"),
            ("d", "10.0.0.1"),
            // The address's are used up, whatever is tried.
            ("e", "10.0.0.1"),
            ("e", "10.0.0.4"),
        ]
        .iter()
        .map(|(name, at)| budgets.sign_in(name, address(at)).is_ok())
        .collect();
        assert_eq!(
            tried,
            [
                true, true, true, false, true, true, true, true, true, false, true
            ]
        );
        // From everywhere ten times as much under one name, however many addresses there are.
        let from_many = (0..40).filter(|n| {
            let at = format!("10.1.0.{n}");
            budgets.sign_in("many", address(&at)).is_ok()
        });
        assert_eq!(from_many.count(), 20);
        assert!(budgets.sign_in("few", address("10.1.0.1")).is_ok());
        // What succeeds is not counted, but what fails in between is.
        for _ in 0..5 {
            assert!(budgets.sign_in("office", address("10.0.0.9")).is_ok());
            budgets.signed_in("office", address("10.0.0.9"));
        }
    }

    #[test]
    fn successes_give_back_what_they_took_and_no_more() {
        let rules = BudgetRules {
            sign_ins_of_name: 2,
            ..BudgetRules::NONE
        };
        let (hand, budgets) = budgets(rules);
        let at = address("10.0.0.1");
        for _ in 0..10 {
            assert_eq!(budgets.sign_in("office", at), Ok(()));
            budgets.signed_in("office", at);
        }
        // One that took long: the bucket had filled up by itself.
        assert_eq!(budgets.sign_in("office", at), Ok(()));
        pass(&hand, 120_000);
        budgets.signed_in("office", at);
        let passed = (0..5).filter(|_| budgets.sign_in("office", at).is_ok());
        assert_eq!(passed.count(), 2);
    }

    #[test]
    fn where_nothing_is_counted_nothing_is_kept() {
        let (_, budgets) = budgets(BudgetRules::NONE);
        assert_eq!(budgets.charge(Payer::User(1), u64::MAX), Ok(None));
        assert!((0..10_000).all(|_| budgets.request(None).is_ok()));
        assert_eq!(budgets.cost.full_at.len(), 0);
    }

    proptest! {
        /// In any stretch of time nobody gets more than a minute's worth and what has come in the meantime.
        #[test]
        fn nobody_gets_more_than_was_there(per_minute in 1u32..5_000, steps in prop::collection::vec((0i64..2_000_000, 1u64..400), 1..200)) {
            let table = Table::new(per_minute);
            let (mut now, mut taken) = (1_000_000_000i64, 0u64);
            let begun = now;
            for (later, amount) in steps {
                now += later;
                match table.take(3, amount, now) {
                    Ok(left) => {
                        taken += amount;
                        prop_assert!(left.unwrap().remaining <= u64::from(per_minute));
                    }
                    // Who waits as long as they were told gets it, unless it is more than a minute's worth.
                    Err(wait) if amount <= u64::from(per_minute) => {
                        prop_assert!(wait > 0 && wait <= MINUTE);
                        let before = table.full_at[3].load(Ordering::Relaxed);
                        prop_assert!(table.take(3, amount, now + wait).is_ok());
                        table.full_at[3].store(before, Ordering::Relaxed);
                    }
                    Err(_) => {}
                }
            }
            let most = u128::from(per_minute) * (now - begun + MINUTE) as u128 / MINUTE as u128;
            prop_assert!(u128::from(taken) <= most, "{} of {}", taken, most);
        }
    }
}
