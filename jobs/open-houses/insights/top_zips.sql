-- The five zip codes (five digits) with the most open houses; of equal ones the lower zip first.
SELECT substr(zipcode, 1, 5) AS zip, count(*) AS open_houses
FROM open_houses
WHERE zipcode IS NOT NULL
GROUP BY 1
ORDER BY 2 DESC, 1
LIMIT 5
