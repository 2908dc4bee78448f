//! What a published file says about itself, which look-ups rely on.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::DataType;
use lotline_formats::ParquetSource;
use lotline_store::Stores;
use parquet::{
    arrow::arrow_reader::ArrowReaderOptions,
    file::metadata::{PageIndexPolicy, ParquetMetaData, SortingColumn},
};

use super::{TableWriter, required};

const ROWS: usize = 70_000;

/// The footer of a table sorted by its first two columns.
fn footer() -> Arc<ParquetMetaData> {
    let folder = tempfile::tempdir().expect("a folder");
    let stores = Stores::local(folder.path()).expect("a lake");
    let schema = required(&["id_l", "id_r", "city"].map(|name| (name, DataType::Utf8)));
    let texts = |of: &dyn Fn(usize) -> String| Arc::new(StringArray::from_iter_values((0..ROWS).map(of))) as ArrayRef;
    let [id_l, id_r] = [7, 1].map(|rows_each| texts(&move |row| format!("{:08}", row / rows_each)));
    let city = texts(&|row| format!("city {}", row * 31 % 300));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![id_l, id_r, city]).expect("equal lengths");
    let mut writer =
        TableWriter::published(&*stores.objects, "t.parquet", &schema, &["id_l", "id_r"]).expect("a writer");
    writer.write(&batch).expect("written");
    assert_eq!(writer.commit().expect("committed"), ROWS as u64);
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
    let source = ParquetSource::new(stores.objects.open("t.parquet").expect("a file"));
    Arc::clone(source.footer(options).expect("a footer").metadata())
}

#[test]
fn a_published_file_has_pages_statistics_and_an_order() {
    let footer = footer();
    let pages = footer.page_index().expect("page indexes");
    let sorted = |column_idx| SortingColumn { column_idx, descending: false, nulls_first: true };
    assert_eq!(footer.num_row_groups(), 3);
    for (place, group) in footer.row_groups().iter().enumerate() {
        assert_eq!(group.sorting_columns(), Some(&vec![sorted(0), sorted(1)]));
        let columns = |has: &dyn Fn(usize) -> bool| -> Vec<usize> { (0..3).filter(|column| has(*column)).collect() };
        assert_eq!(columns(&|column| group.column(column).statistics().is_some()), [0, 1, 2]);
        assert_eq!(columns(&|column| pages.column_index(place, column).is_some()), [0, 1]);
        assert_eq!(columns(&|column| group.column(column).bloom_filter_offset().is_some()), [0, 1]);
        for column in 0..3 {
            let pages = pages.offset_index(place, column).expect("an index").page_locations().iter();
            let starts: Vec<i64> = pages.map(|page| page.first_row_index).chain([group.num_rows()]).collect();
            // A page that begins where a dictionary was given up is cut at the next 1,024 rows behind the limit.
            assert!(starts.windows(2).all(|page| page[1] - page[0] < 2048 + 1024), "column {column}: {starts:?}");
        }
    }
}
