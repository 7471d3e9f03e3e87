-- A merchant's books and credentials are found without going through all merchants'.
CREATE INDEX books_merchant_id ON books (merchant_id);
CREATE INDEX credentials_merchant_id ON credentials (merchant_id);
