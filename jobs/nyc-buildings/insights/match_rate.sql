-- Sales linked to at least one rent-stabilized building, and buildings with at least one sale.
SELECT count(DISTINCT id_l) AS sales_linked, count(DISTINCT id_r) AS buildings_linked, count(*) AS links
FROM nyc_buildings_links
