//! Bytes to and from a peer: plain TCP, or TLS over it. Never blocks.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

pub struct Transport {
    pub stream: TcpStream,
    tls: Option<Box<ClientConnection>>,
    /// The last read left room in its buffer, so the socket is empty until the next edge.
    drained: bool,
    /// The peer has closed: read on until its end is seen, edge or not.
    closing: bool,
}

/// What one `receive` brought.
pub enum Received<'a> {
    Bytes(&'a [u8]),
    Closed,
    /// Nothing more for now.
    Drained,
}

impl Transport {
    pub fn plain(stream: TcpStream) -> Transport {
        Transport { stream, tls: None, drained: false, closing: false }
    }

    /// A readiness event came: there is something to read, and to its very end if the peer closed.
    pub fn readable(&mut self, closed: bool) {
        self.drained = false;
        self.closing |= closed;
    }

    /// Starts TLS; `handshake` carries it on. Fails when `host` can be no server name.
    pub fn start_tls(&mut self, config: &Arc<ClientConfig>, host: &str) -> Result<(), String> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| format!("{host} is no name a certificate could have"))?;
        let session = ClientConnection::new(Arc::clone(config), name).map_err(|e| e.to_string())?;
        self.tls = Some(Box::new(session));
        Ok(())
    }

    /// Carries the handshake on. Ok(true) once it is complete.
    pub fn handshake(&mut self) -> io::Result<bool> {
        let Some(tls) = &mut self.tls else {
            return Ok(true);
        };
        loop {
            while tls.wants_write() {
                match tls.write_tls(&mut &self.stream) {
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                    Err(error) => return Err(error),
                }
            }
            if !tls.is_handshaking() {
                return Ok(true);
            }
            match tls.read_tls(&mut &self.stream) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => process(tls, &self.stream)?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether any TLS alert or certificate problem can be the cause of an error.
    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Sends what it can, returns how much it took. TLS takes a bounded amount ahead of the socket;
    /// call `flush` until it says true before counting the request as sent.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.tls {
            None => (&self.stream).write(bytes),
            Some(tls) => {
                let taken = tls.writer().write(bytes)?;
                Ok(taken)
            }
        }
    }

    /// Ok(true) when nothing taken is left unsent.
    pub fn flush(&mut self) -> io::Result<bool> {
        let Some(tls) = &mut self.tls else {
            return Ok(true);
        };
        while tls.wants_write() {
            match tls.write_tls(&mut &self.stream) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The next bytes from the peer, decrypted, in `buffer`. Call until `Drained` or `Closed`.
    pub fn receive<'b>(&mut self, buffer: &'b mut [u8]) -> io::Result<Received<'b>> {
        let Transport { stream, tls, drained, closing } = self;
        let mut socket = Draining { stream, drained, closing: *closing };
        let Some(tls) = tls else {
            return match socket.read(buffer) {
                Ok(0) => Ok(Received::Closed),
                Ok(len) => Ok(Received::Bytes(&buffer[..len])),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Received::Drained),
                Err(error) => Err(error),
            };
        };
        loop {
            match tls.reader().read(buffer) {
                Ok(0) => return Ok(Received::Closed),
                Ok(len) => return Ok(Received::Bytes(&buffer[..len])),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // The peer closed without saying goodbye: HTTP's own framing tells whether that
                // matters.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Ok(Received::Closed);
                }
                Err(error) => return Err(error),
            }
            match tls.read_tls(&mut socket) {
                Ok(_) => process(tls, socket.stream)?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Received::Drained);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Reads a socket and saves the last, fruitless read of each edge: a short read has emptied it.
struct Draining<'a> {
    stream: &'a TcpStream,
    drained: &'a mut bool,
    closing: bool,
}

impl Read for Draining<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if *self.drained && !self.closing {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let len = self.stream.read(buffer)?;
        *self.drained = len < buffer.len();
        Ok(len)
    }
}

/// Decrypts what was read; a TLS error becomes an io::Error after its alert was sent.
fn process(tls: &mut ClientConnection, mut stream: &TcpStream) -> io::Result<()> {
    match tls.process_new_packets() {
        Ok(_) => Ok(()),
        Err(error) => {
            // The connection fails either way; the alert is a courtesy.
            let _ = tls.write_tls(&mut stream);
            Err(io::Error::new(io::ErrorKind::InvalidData, error))
        }
    }
}
