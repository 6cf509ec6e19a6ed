#include "features/bearing_catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace auscult::features {
namespace {

TEST(BearingCatalogue, GivesThePublishedOrders) {
  struct Case {
    const char* id;
    BearingOrders orders;  // as printed in the source named in the catalogue
    float tolerance;
  };
  const Case cases[] = {{"skf-6205-2rs-jem", {3.5848f, 5.4152f, 4.7135f / 2, 0.39828f}, 5e-4f},
                        {"skf-6203-2rs-jem", {3.0530f, 4.9469f, 3.9874f / 2, 0.3817f}, 5e-4f},
                        {"nice-mfpt", {3.245f, 4.755f, 2.5546f, 0.4056f}, 5e-4f},
                        {"rexnord-za-2115", {7.0921f, 8.9079f, 4.1977f, 0.4433f}, 5e-4f},
                        {"6203-paderborn", {3.0543f, 4.9457f, 1.9966f, 0.3818f}, 5e-4f},
                        {"ldk-uer204", {3.0831f, 4.9169f, 2.0666f, 0.3854f}, 5e-4f}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.id);
    const CatalogueBearing* const bearing = FindBearing(c.id);
    ASSERT_NE(bearing, nullptr);
    const BearingOrders orders = OrdersOf(bearing->geometry);
    EXPECT_NEAR(orders.bpfo, c.orders.bpfo, c.tolerance);
    EXPECT_NEAR(orders.bpfi, c.orders.bpfi, c.tolerance);
    EXPECT_NEAR(orders.bsf, c.orders.bsf, c.tolerance);
    EXPECT_NEAR(orders.ftf, c.orders.ftf, c.tolerance);
  }
}

TEST(BearingCatalogue, NamesASourceForEveryBearingAndIsSorted) {
  const auto bearings = BearingCatalogue();
  for (const CatalogueBearing& bearing : bearings) {
    SCOPED_TRACE(std::string(bearing.id));
    EXPECT_FALSE(bearing.source.empty());
    // Every rolling element passes one of the races: the two orders add up to their number.
    const BearingOrders orders = OrdersOf(bearing.geometry);
    EXPECT_NEAR(orders.bpfo + orders.bpfi, bearing.geometry.rolling_elements, 1e-4f);
  }
  EXPECT_TRUE(std::is_sorted(bearings.begin(), bearings.end(),
                             [](const auto& a, const auto& b) { return a.id < b.id; }));
}

TEST(FindBearing, IgnoresCaseBlanksAndDashes) {
  const CatalogueBearing* const bearing = FindBearing("skf-6205-2rs-jem");
  EXPECT_EQ(FindBearing("SKF 6205-2RS JEM"), bearing);
  EXPECT_EQ(FindBearing("skf62052rsjem"), bearing);
  EXPECT_EQ(FindBearing("Rexnord ZA 2115")->id, "rexnord-za-2115");
  EXPECT_EQ(FindBearing("6203"), nullptr);  // a designation alone does not fix the geometry
  EXPECT_EQ(FindBearing(""), nullptr);
}

}  // namespace
}  // namespace auscult::features
