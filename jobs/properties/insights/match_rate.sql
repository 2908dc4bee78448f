-- Share of each table's rows that have a link, 0 to 1.
SELECT (SELECT count(*) FROM properties_links) AS links,
       1.0 * (SELECT count(*) FROM properties_links) / (SELECT count(*) FROM assessor) AS assessor_match_rate,
       1.0 * (SELECT count(*) FROM properties_links) / (SELECT count(*) FROM listings) AS listings_match_rate
