-- Links by match weight (log2), in bands of ten.
SELECT CAST(floor(match_weight / 10) * 10 AS integer) AS weight_from, count(*) AS links
FROM properties_links
GROUP BY 1
ORDER BY 1
