/** Codes of Node.js for a handshake that failed, or a certificate that cannot be read. */
export const TLS_CODES =
  /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_PURPOSE|EPROTO)/;
