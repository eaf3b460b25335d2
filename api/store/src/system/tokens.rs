//! Access tokens: JWT signed with Ed25519 (EdDSA), for fifteen minutes. They say who asks, never what is allowed.

use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::{SessionId, UserId};
use jsonwebtoken::{Algorithm, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

use crate::{Fault, System};

/// How long an access token is good.
pub(crate) const ACCESS_TOKEN_LIFE: TimeDelta = TimeDelta::minutes(15);

/// How tokens are issued and checked, and what signing in accepts.
#[derive(Clone, Debug)]
pub struct TokenRules {
    /// The issuer that tokens name, and must name.
    pub issuer: String,
    /// The audience that tokens name, and must name.
    pub audience: String,
    /// Accept the demo's password. Only the demo does: elsewhere an account that has it cannot sign in.
    pub demo_password: bool,
}

/// Who bears a token.
pub(crate) struct Bearer {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    /// When the token expires.
    pub(crate) expires: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    iat: i64,
    exp: i64,
}

impl System {
    /// A token for a session, with the moment at which it expires.
    pub(crate) async fn access_token(
        &self,
        user: UserId,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<(String, DateTime<Utc>), Fault> {
        let rules = &self.store.inner.rules;
        let key = self.signing_key().await?;
        let expires = now + ACCESS_TOKEN_LIFE;
        let claims = Claims {
            iss: rules.issuer.clone(),
            aud: rules.audience.clone(),
            sub: user.0.to_string(),
            sid: session.0.to_string(),
            iat: now.timestamp(),
            exp: expires.timestamp(),
        };
        let header = Header {
            kid: Some(key.key_id.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        let token = encode(
            &header,
            &claims,
            &EncodingKey::from_ed_der(&key.private_key),
        )
        .map_err(|error| Fault::new(format!("signing a token: {error}")))?;
        Ok((token, expires))
    }

    /// Who bears a token; nobody when it is not good.
    pub(crate) async fn verify(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Bearer>, Fault> {
        let Ok(Header { kid: Some(kid), .. }) = decode_header(token) else {
            return Ok(None);
        };
        let Some(key) = self.verifying_key(&kid, now).await? else {
            return Ok(None);
        };
        let rules = &self.store.inner.rules;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&rules.issuer]);
        validation.set_audience(&[&rules.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The library knows the time of the machine alone; ours can be set, so the expiry is checked here.
        validation.validate_exp = false;
        let Ok(data) = decode::<Claims>(token, &key, &validation) else {
            return Ok(None);
        };
        let claims = data.claims;
        let expires = DateTime::from_timestamp(claims.exp, 0);
        let bearer = match (claims.sub.parse(), claims.sid.parse(), expires) {
            (Ok(user), Ok(session), Some(expires)) if now < expires => Some(Bearer {
                user: UserId(user),
                session: SessionId(session),
                expires,
            }),
            _ => None,
        };
        Ok(bearer)
    }
}
