-- Matched properties by number of bedrooms: the assessor's, or the listing's where the assessor has none.
SELECT coalesce(bedrooms_l, beds_r) AS bedrooms, count(*) AS properties
FROM properties_linked
GROUP BY 1
ORDER BY 1 NULLS LAST
