-- The week (starting on Monday) with the most open houses; of equal weeks the earliest.
SELECT date_trunc('week', open_house_date) AS week_start, count(*) AS open_houses
FROM open_houses
GROUP BY 1
ORDER BY 2 DESC, 1
LIMIT 1
