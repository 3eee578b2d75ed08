//! Passwords from a person or a pipe; never from an argument, which every process list shows.

use std::io::{self, BufRead, IsTerminal, Read};

use secrecy::{ExposeSecret, SecretString};

use super::ClientError;

/// The longest line that is taken for a password, in bytes: 256 characters of UTF-8 and the end.
const LONGEST_LINE: u64 = 1_026;

/// Asks for a password: on a terminal without showing it, otherwise as one line of stdin. With
/// `twice` a person types it again.
///
/// # Errors
/// Nothing, too much, or two different ones were given.
pub async fn ask(prompt: &'static str, twice: bool) -> Result<SecretString, ClientError> {
    // Reading waits for a person, which no other task should.
    tokio::task::spawn_blocking(move || read(prompt, twice))
        .await
        .map_err(|error| ClientError::Failed(error.to_string()))?
        .map_err(|error| ClientError::Failed(format!("no password: {error}")))
}

fn read(prompt: &str, twice: bool) -> io::Result<SecretString> {
    if !io::stdin().is_terminal() {
        return read_line(io::stdin().lock());
    }
    let first = SecretString::from(rpassword::prompt_password(format!("{prompt}: "))?);
    if twice {
        let again = SecretString::from(rpassword::prompt_password(format!("{prompt}, again: "))?);
        if again.expose_secret() != first.expose_secret() {
            return Err(io::Error::other("that was not the same twice"));
        }
    }
    not_empty(first)
}

fn read_line(input: impl BufRead) -> io::Result<SecretString> {
    let mut line = String::new();
    input.take(LONGEST_LINE + 1).read_line(&mut line)?;
    if line.len() as u64 > LONGEST_LINE {
        return Err(io::Error::other("the line is too long"));
    }
    let line = line.strip_suffix('\n').unwrap_or(&line);
    not_empty(line.strip_suffix('\r').unwrap_or(line).into())
}

fn not_empty(password: SecretString) -> io::Result<SecretString> {
    if password.expose_secret().is_empty() {
        return Err(io::Error::other("nothing was given"));
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(input: &[u8]) -> Result<String, String> {
        let read = read_line(input).map_err(|error| error.to_string())?;
        Ok(read.expose_secret().to_owned())
    }

    #[test]
    fn a_password_is_one_line_with_all_its_blanks() {
        assert_eq!(line(b" two  words \r\nmore\n"), Ok(" two  words ".into()));
        assert_eq!(line(b"no end"), Ok("no end".into()));
    }

    #[test]
    fn no_password_and_one_without_end_are_refused() {
        assert_eq!(line(b""), Err("nothing was given".into()));
        assert_eq!(line(b"\n"), Err("nothing was given".into()));
        assert_eq!(line(&[b'x'; 100_000]), Err("the line is too long".into()));
    }
}
