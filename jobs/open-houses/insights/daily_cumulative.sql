-- Open houses per day, and their total up to and including that day.
SELECT open_house_date AS day, count(*) AS open_houses, sum(count(*)) OVER (ORDER BY open_house_date) AS cumulative
FROM open_houses
WHERE open_house_date IS NOT NULL
GROUP BY open_house_date
ORDER BY open_house_date
